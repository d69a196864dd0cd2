//! The decision once more, from the JSON itself: no model, no patterns taken apart, nothing shared with the evaluator,
//! every rule written as the guides say it. It is slow, exponential in places, and made for small questions.
//!
//! `None` is a truth value that is not known.

mod condition;
mod text;

use serde_json::Value;

use text::{bare_action, expanded, glob, matches_action};

type Truth = Option<bool>;

/// All of them hold.
fn and(all: impl IntoIterator<Item = Truth>) -> Truth {
    let all: Vec<Truth> = all.into_iter().collect();
    if all.contains(&Some(false)) {
        Some(false)
    } else if all.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// One of them holds.
fn or(all: impl IntoIterator<Item = Truth>) -> Truth {
    and(all.into_iter().map(not)).map(|none| !none)
}

fn not(one: Truth) -> Truth {
    one.map(|one| !one)
}

/// One text, or each of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// A question, and what is asked of it again and again.
struct Question<'q> {
    json: &'q Value,
    dialect: &'q str,
    principal: &'q str,
}

/// How a statement stands to the question: whether it matches, and whether it names the principal or only its account.
struct Vote {
    allows: bool,
    truth: Truth,
    is_direct: bool,
}

/// What is decided, in the words of answers.
pub(super) fn decision(json: &Value) -> &'static str {
    let question = Question {
        json,
        dialect: json["dialect"].as_str().unwrap(),
        principal: json["request"]["principal"].as_str().unwrap(),
    };
    let (deny, allow) = match question.dialect {
        "aws" => question.by_aws(),
        "coreweave" => question.by_coreweave(),
        _ => question.by_tencent(),
    };
    match (deny, allow) {
        (Some(true), _) => "explicit-deny",
        (_, Some(false)) => "implicit-deny",
        (Some(false), Some(true)) => "allowed",
        _ => "indeterminate",
    }
}

impl Question<'_> {
    fn action(&self) -> &str {
        bare_action(self.dialect, self.json["request"]["action"].as_str().unwrap())
    }

    fn is_service(&self) -> bool {
        self.principal.ends_with(".amazonaws.com")
    }

    fn is_writer(&self) -> bool {
        self.principal.contains("static")
    }

    /// The account of the one who asks.
    fn account(&self) -> Option<String> {
        if let Some(rest) = self.principal.strip_prefix("qcs::cam::uin/") {
            return rest.split(':').next().map(str::to_owned);
        }
        let account = self.principal.split(':').nth(4)?;
        (!account.is_empty()).then(|| account.to_owned())
    }

    /// Whether who asks and what is asked for are of one account.
    fn is_within(&self) -> Truth {
        let owner = self.json["request"]["resource-account"].as_str()?;
        Some(self.account()? == owner)
    }

    /// The votes of all statements of a list of documents; none where the documents are not known.
    fn votes(&self, list: &str) -> Option<Vec<Vote>> {
        let documents = match (list, self.json["policies"].get(list)?) {
            ("resource", Value::Null) => Vec::new(),
            ("resource", one) => vec![one.clone()],
            (_, many) => many.as_array()?.clone(),
        };
        let mut votes = Vec::new();
        for document in documents {
            let policy = document.get("policy").unwrap_or(&document);
            let statements = ["Statement", "statement", "statements"];
            let statements = statements.iter().find_map(|name| policy.get(*name)).unwrap();
            let has_variables = policy["Version"] == "2012-10-17";
            for statement in statements.as_array().unwrap() {
                votes.push(self.vote(list, statement, has_variables));
            }
        }
        Some(votes)
    }

    fn vote(&self, list: &str, statement: &Value, has_variables: bool) -> Vote {
        let member = |name: &str| {
            let names = [name.to_owned(), name.to_lowercase(), format!("{}s", name.to_lowercase())];
            names.iter().find_map(|name| statement.get(name))
        };
        let allows = member("Effect").unwrap().as_str().unwrap().eq_ignore_ascii_case("allow");
        let (mut who, mut is_direct) = (Some(true), true);
        if list != "identity" {
            let rank = |value: &Value| self.named(list, value);
            if let Some(value) = member("Principal") {
                who = Some(rank(value) > 0);
                is_direct = rank(value) != 1;
            } else {
                who = Some(member("NotPrincipal").is_some_and(|value| rank(value) == 0));
            }
        }
        let action = |value: &Value| {
            or(texts(value).iter().map(|it| Some(matches_action(self.dialect, it, self.action()))))
        };
        let action = match member("Action") {
            Some(value) => action(value),
            None => not(action(member("NotAction").unwrap())),
        };
        let resource = |value: &Value| {
            or(texts(value).iter().map(|entry| self.resource(list, entry, has_variables)))
        };
        let resource = match member("Resource") {
            Some(value) => resource(value),
            None => not(resource(member("NotResource").unwrap())),
        };
        let empty = serde_json::Map::new();
        let operators = member("Condition").and_then(Value::as_object).unwrap_or(&empty);
        let conditions = operators.iter().flat_map(|(operator, tests)| {
            tests.as_object().unwrap().iter().map(move |(key, values)| {
                condition::holds(self, operator, key, &texts(values), has_variables)
            })
        });
        let truth = and([who, action, resource].into_iter().chain(conditions));
        let is_asked = match (list, self.dialect) {
            ("organization", _) => !self.is_writer(),
            ("resource", "coreweave") => !self.is_global() && !self.is_put_policy(),
            _ => true,
        };
        Vote { allows, truth: if is_asked { truth } else { Some(false) }, is_direct }
    }

    /// 0 where nobody of these is the principal, 1 where its account is, 2 where it is itself.
    fn named(&self, list: &str, value: &Value) -> u8 {
        let entries: Vec<(&str, String)> = match value {
            Value::Object(kinds) => kinds
                .iter()
                .flat_map(|(kind, value)| {
                    texts(value).into_iter().map(move |it| (kind.as_str(), it))
                })
                .collect(),
            bare => texts(bare).into_iter().map(|it| ("", it)).collect(),
        };
        entries.iter().map(|(kind, entry)| self.is_named(list, kind, entry)).max().unwrap_or(0)
    }

    fn is_named(&self, list: &str, kind: &str, entry: &str) -> u8 {
        let who = self.principal;
        if kind == "Service" {
            return if self.is_service() && who == entry { 2 } else { 0 };
        }
        if entry == "*" || (self.dialect == "cos" && entry == "qcs::cam::anonymous:anonymous") {
            return 2;
        }
        if list == "organization" {
            return if self.is_short(entry) { 2 } else { 0 };
        }
        if entry.contains(['*', '?']) || who == "*" {
            return 0;
        }
        if self.dialect == "cos" {
            let root =
                entry.strip_prefix("qcs::cam::uin/").and_then(|rest| rest.split_once(":uin/"));
            if let Some((owner, sub)) = root
                && owner == sub
            {
                return u8::from(self.account().as_deref() == Some(owner));
            }
        }
        if self.dialect == "aws" {
            let account = match entry.split(':').collect::<Vec<_>>().as_slice() {
                [account] | ["arn", _, "iam", "", account, "root"] => Some(*account),
                _ => None,
            };
            if let Some(account) = account {
                return u8::from(self.account().as_deref() == Some(account));
            }
            if let Some((before, role)) = entry.split_once(":role/") {
                let name = role.rsplit('/').next().unwrap();
                let session = format!("{}:assumed-role/{name}/", before.replace(":iam:", ":sts:"));
                if who.starts_with(&session) {
                    return 2;
                }
            }
        }
        if who == entry { 2 } else { 0 }
    }

    /// Whether a short form of an organization's policy names the principal.
    fn is_short(&self, entry: &str) -> bool {
        let tail = self.principal.split(':').nth(5).unwrap_or(self.principal);
        let form = match tail.split_once('/') {
            Some(("saml", group)) => format!("role/{group}"),
            _ => tail.to_owned(),
        };
        match entry.strip_suffix('*') {
            Some(prefix) => self.principal != "*" && form.starts_with(prefix),
            None => form == entry,
        }
    }

    fn resource(&self, list: &str, entry: &str, has_variables: bool) -> Truth {
        let asked = self.json["request"]["resource"].as_str().unwrap();
        let name = asked.splitn(6, ':').nth(5).unwrap_or(asked);
        let text = if list == "organization" { name } else { asked };
        if list == "organization" && self.is_global() {
            return Some(entry == "*");
        }
        let from =
            if has_variables { entry.match_indices(':').nth(4).map(|(at, _)| at) } else { None };
        let pattern = match expanded(self, entry, true, from) {
            Ok(pattern) => pattern,
            Err(truth) => return truth,
        };
        if glob(&pattern, text) {
            return Some(true);
        }
        let is_bucket = !name.contains('/');
        let is_on_bucket = self.dialect == "cos" || !self.action().ends_with("Object");
        let covers = match pattern.as_slice() {
            [bucket @ .., ('/', true), ('*', false)] => glob(bucket, text),
            _ => false,
        };
        match self.dialect {
            "cos" if is_bucket && covers => Some(true),
            "coreweave" if is_bucket && is_on_bucket && covers => None,
            _ => Some(false),
        }
    }

    fn is_global(&self) -> bool {
        let is_named =
            self.action().starts_with("cwobject:") || self.action() == "s3:ListAllMyBuckets";
        self.dialect == "coreweave" && is_named
    }

    fn is_put_policy(&self) -> bool {
        self.dialect == "coreweave" && self.action() == "s3:PutBucketPolicy"
    }

    fn by_aws(&self) -> (Truth, Truth) {
        let (identity, bucket) = (self.votes("identity"), self.votes("resource"));
        let own = some(identity.as_ref(), true, false);
        let (direct, granted) =
            (some(bucket.as_ref(), true, true), some(bucket.as_ref(), true, false));
        let deny = or([some(identity.as_ref(), false, false), some(bucket.as_ref(), false, false)]);
        if self.is_service() || self.principal == "*" {
            // They have no policies of their own; what is given for them can only deny.
            let denied =
                identity.as_ref().map_or(Some(false), |_| some(identity.as_ref(), false, false));
            return (or([denied, some(bucket.as_ref(), false, false)]), granted);
        }
        (deny, self.by_account(or([own, direct]), and([own, granted])))
    }

    fn by_account(&self, within: Truth, across: Truth) -> Truth {
        match self.is_within() {
            Some(true) => within,
            Some(false) => across,
            None if within == across => within,
            None => None,
        }
    }

    fn by_coreweave(&self) -> (Truth, Truth) {
        let (organization, bucket) = (self.votes("organization"), self.votes("resource"));
        let is_asked = !self.is_writer();
        let is_admin = self.principal == "role/Object Storage Admin";
        let mut first = some(organization.as_ref(), true, false);
        let mut deny = Vec::new();
        if is_asked {
            deny.push(some(organization.as_ref(), false, false));
        } else {
            first = Some(true);
        }
        if is_admin && self.action().starts_with("cwobject:") {
            first = Some(true);
        }
        if self.is_global() || self.is_put_policy() {
            let is_foreign = self.is_within() == Some(false) || self.principal == "*";
            let is_for_it = is_asked && !(self.is_put_policy() && is_foreign);
            return (and_deny(&deny), if is_for_it { first } else { Some(false) });
        }
        deny.push(some(bucket.as_ref(), false, false));
        let is_open = bucket.is_some() && self.json["policies"]["resource"].is_null();
        let second = if is_open { Some(true) } else { some(bucket.as_ref(), true, false) };
        (and_deny(&deny), and([first, second]))
    }

    fn by_tencent(&self) -> (Truth, Truth) {
        let (identity, bucket) = (self.votes("identity"), self.votes("resource"));
        let is_root = self
            .account()
            .is_some_and(|owner| self.principal == format!("qcs::cam::uin/{owner}:uin/{owner}"));
        let own = if is_root { Some(true) } else { some(identity.as_ref(), true, false) };
        let (direct, granted) =
            (some(bucket.as_ref(), true, true), some(bucket.as_ref(), true, false));
        let deny = or([some(identity.as_ref(), false, false), some(bucket.as_ref(), false, false)]);
        if self.principal == "*" {
            let denied =
                identity.as_ref().map_or(Some(false), |_| some(identity.as_ref(), false, false));
            return (or([denied, some(bucket.as_ref(), false, false)]), granted);
        }
        match self.is_within() {
            Some(true) if is_root => (Some(false), Some(true)),
            // The owner's root account would pass what is denied.
            None if is_root && deny == Some(true) => (None, self.by_account(Some(true), granted)),
            _ => (deny, self.by_account(or([own, direct]), and([own, granted]))),
        }
    }
}

/// Whether one of the statements of an effect matches; unknown where they are not known.
fn some(votes: Option<&Vec<Vote>>, allows: bool, only_direct: bool) -> Truth {
    let votes = votes?.iter().filter(|vote| vote.allows == allows);
    or(votes.filter(|vote| vote.is_direct || !only_direct).map(|vote| vote.truth))
}

fn and_deny(denied: &[Truth]) -> Truth {
    or(denied.iter().copied())
}
