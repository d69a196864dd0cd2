//! The whole list of rules: its levels, and for every rule that needs more than one document something that it tells and
//! something that it does not, in every dialect that has it. Rules of one document have theirs beside `lint`.

mod deliveries;

use std::collections::BTreeSet;

use stocktake_core::finding::Level;

use super::*;
use crate::DocumentKind::{CamPolicy, LoggingConfig};
use crate::rules::RULES;
use deliveries::{
    COS_SOURCE, COS_USER, cam, configured, cos, destination, kept_cos, tight_aws, tight_coreweave,
};

/// Every rule and its levels in aws, coreweave and cos, one letter each.
const LIST: &str = "
    PC001 EEE  PC002 EEE  PC003 EEE  PC004 EEE  PC005 EEE  PC006 WEE  PC007 EEE  PC008 WW-  PC009 WWW  PC010 --I
    PC101 EW-  PC102 IIW  PC103 WW-  PC110 EW-  PC111 EE-  PC112 EEW  PC113 EEE  PC114 EW-  PC115 EEE
    PC120 EEE  PC121 EE-  PC122 EEE  PC123 -E-  PC124 -E-  PC125 -WW
    PC130 EEE  PC131 WW-  PC132 WWW  PC133 SS-  PC134 WW-  PC135 W--  PC136 E--  PC137 -E-
    PC201 EEE  PC202 EEE  PC203 -W-  PC204 -E-  PC205 S--  PC206 E--  PC207 W--  PC208 E--  PC209 --E
    PC210 III  PC211 EEE  PC212 -I-  PC220 SSS  PC221 S-S  PC222 S--  PC223 S--  PC224 -S-  PC225 SSS  PC226 SSS
    PC227 III  PC301 -E-  PC302 WWW  PC303 WWW  PC304 EEE  PC305 EEE  PC310 WWW  PC401 III
    CF100 EEE  CF110 EWE  CF111 EE-  CF120 EW-  CF121 -W-  CF130 WWW  CF210 -W-";

#[test]
fn the_list_is_whole_and_has_its_levels() {
    let mut words = LIST.split_whitespace();
    let mut listed = Vec::new();
    while let (Some(code), Some(levels)) = (words.next(), words.next()) {
        listed.push(format!("{code} {levels}"));
    }
    let letter = |level: Option<Level>| match level {
        Some(Level::Error) => 'E',
        Some(Level::Warning) => 'W',
        Some(Level::Security) => 'S',
        Some(Level::Info) => 'I',
        None => '-',
    };
    let rows = RULES.iter().map(|rule| {
        let levels: String =
            [Aws, Coreweave, Cos].iter().map(|it| letter(rule.level(*it))).collect();
        format!("{} {levels}", rule.code)
    });
    assert_eq!(rows.collect::<Vec<_>>(), listed);
    assert_eq!(listed.iter().filter(|it| it.starts_with("PC")).count(), 60);
    assert_eq!(listed.iter().filter(|it| it.starts_with("CF")).count(), 7);
}

struct Case {
    code: &'static str,
    dialect: Dialect,
    level: char,
    fires: Vec<Finding>,
    near: Vec<Finding>,
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn of(&mut self, line: &'static str, dialect: Dialect, fires: &Delivery, near: &Delivery) {
        let tool = Options { tool: Some("terraform-aws".to_owned()), ..Options::default() };
        let told = |delivery: &Delivery| preflight(delivery, dialect, &tool).findings;
        self.add(line, dialect, told(fires), told(near));
    }

    fn add(
        &mut self,
        line: &'static str,
        dialect: Dialect,
        fires: Vec<Finding>,
        near: Vec<Finding>,
    ) {
        let (code, level) = line.split_once(' ').unwrap();
        self.0.push(Case { code, dialect, level: level.chars().next().unwrap(), fires, near });
    }
}

fn of_writes(cases: &mut Cases) {
    let (a, c, t) = (tight_aws(), tight_coreweave(), kept_cos());
    let none =
        |delivery: &Delivery| Delivery { destination_policy: Some(Vec::new()), ..delivery.clone() };
    let roleless = Delivery { role: Some(Vec::new()), ..t.clone() };
    cases.of("PC201 E", Aws, &none(&a), &a);
    cases.of(
        "PC201 E",
        Coreweave,
        &destination(&c, |it| statement(it, 0)["Action"] = json!("s3:Abort*")),
        &c,
    );
    cases.of("PC201 E", Cos, &roleless, &t);
    let unknown = Delivery { destination_policy: None, ..a.clone() };
    cases.of("PC201 W", Aws, &unknown, &a);
    let data = |it: &mut Json| {
        let resource = statement(it, 0)["Resource"].as_str().unwrap().to_owned();
        statement(it, 0)["Resource"] = json!(resource.replace("/*", "/harbor-data/*/data/*"));
    };
    cases.of("PC202 E", Aws, &destination(&a, data), &none(&a));
    cases.of("PC202 E", Coreweave, &destination(&c, data), &c);
    let half = changed(&t.role.as_ref().unwrap()[1].text, |it| {
        it["statement"][0]["action"] = json!("cos:PutObject");
    });
    let role =
        Some(vec![t.role.as_ref().unwrap()[0].clone(), document("writes", CamPolicy, &half)]);
    cases.of("PC202 E", Cos, &Delivery { role, ..t.clone() }, &t);
    cases.of(
        "PC203 W",
        Coreweave,
        &destination(&c, |it| statement(it, 0)["Action"] = json!("s3:PutObject")),
        &c,
    );
    let audit = |change: &dyn Fn(&mut Json)| Delivery {
        configurations: vec![document("s", AuditSettings, "{}")],
        ..coreweave(&changed(P5, |it| change(it)), "{}")
    };
    let writes = audit(&|it| statement(it, 0)["Action"] = json!("s3:PutObject"));
    cases.of("PC204 E", Coreweave, &writes, &audit(&|_| {}));
    let bare =
        destination(&a, |it| drop(statement(it, 0).as_object_mut().unwrap().remove("Condition")));
    cases.of("PC205 S", Aws, &bare, &a);
    cases.of("PC207 W", Aws, &bare, &a);
    let other = |it: &mut Json| {
        statement(it, 0)["Condition"]["StringEquals"]["aws:SourceAccount"] = json!("444455556666");
    };
    cases.of("PC206 E", Aws, &destination(&a, other), &a);
    let encrypted =
        configured(&a, |it| bucket_of(it)["Encryption"] = json!({"SSEKMS": {"KeyId": "k"}}));
    let key = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service":
        "s3.amazonaws.com"}, "Action": "kms:GenerateDataKey", "Resource": "*"}]});
    let key = Some(vec![document("key", DocumentKind::KeyPolicy, &key.to_string())]);
    cases.of("PC208 E", Aws, &encrypted, &Delivery { key, ..encrypted.clone() });
    cases.of("PC209 E", Cos, &roleless, &t);
}

fn of_grants(cases: &mut Cases) {
    let (a, c, t) = (tight_aws(), tight_coreweave(), kept_cos());
    let all = |it: &mut Json| statement(it, 0)["Resource"] = json!("arn:aws:s3:::harbor-reports/*");
    cases.of("PC210 I", Aws, &destination(&a, all), &a);
    cases.of("PC210 I", Coreweave, &destination(&c, all), &c);
    let wide = t.role.as_ref().unwrap()[1].text.replace("/inv/*", "/*");
    let role =
        Some(vec![t.role.as_ref().unwrap()[0].clone(), document("writes", CamPolicy, &wide)]);
    cases.of("PC210 I", Cos, &Delivery { role, ..t.clone() }, &t);
    for (dialect, delivery) in [(Aws, &a), (Coreweave, &c), (Cos, &t)] {
        let far = Delivery { destination_region: Some("elsewhere".to_owned()), ..delivery.clone() };
        cases.of("PC211 E", dialect, &far, delivery);
        cases.of(
            "PC211 I",
            dialect,
            &Delivery { source_region: None, ..delivery.clone() },
            delivery,
        );
    }
    cases.of(
        "PC212 I",
        Coreweave,
        &c,
        &destination(&c, |it| statement(it, 0)["Effect"] = json!("allow")),
    );
    let open = |it: &mut Json| {
        let name = if it.get("Statement").is_some() { "Statement" } else { "statement" };
        drop(it[name].as_array_mut().unwrap().pop());
    };
    cases.of("PC401 I", Aws, &destination(&a, open), &a);
    cases.of("PC401 I", Coreweave, &destination(&c, open), &c);
    cases.of("PC401 I", Cos, &cos(), &t);
}

fn of_people(cases: &mut Cases) {
    let (a, c, t) = (tight_aws(), tight_coreweave(), kept_cos());
    let stranger = |dialect, arn: &str| vec![principal_named(arn, dialect)];
    let other_aws = stranger(Aws, "arn:aws:iam::111122223333:user/other");
    let other_cw = stranger(Coreweave, "arn:aws:iam::0f3a9c:coreweave/other");
    let other_cos = stranger(Cos, "qcs::cam::uin/100000000002:uin/100000000022");
    for (dialect, delivery, others) in
        [(Aws, &a, &other_aws), (Coreweave, &c, &other_cw), (Cos, &t, &other_cos)]
    {
        let unread = Delivery { readers: others.clone(), ..delivery.clone() };
        cases.of("PC302 W", dialect, &unread, delivery);
    }
    let deny = |bucket: &str| {
        let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": format!("arn:aws:s3:::{bucket}")}]});
        policy("source", &text.to_string())
    };
    for (dialect, delivery) in [(Aws, &a), (Coreweave, &c)] {
        let denied = Delivery { source_policy: deny("harbor-data"), ..delivery.clone() };
        cases.of("PC304 E", dialect, &denied, delivery);
        cases.of("PC305 E", dialect, &denied, delivery);
    }
    let denied = cam(
        &json!([{"principal": {"qcs": ["*"]}, "effect": "deny", "action": "*", "resource": COS_SOURCE}]),
    );
    let denied = Delivery { source_policy: policy("source", &denied), ..t.clone() };
    cases.of("PC304 E", Cos, &denied, &t);
    cases.of("PC305 E", Cos, &denied, &t);
    cases.of("PC305 W", Aws, &Delivery { identity: None, ..a.clone() }, &a);
    cases.of(
        "PC310 W",
        Aws,
        &destination(&a, |it| statement(it, 1)["Action"] = json!("s3:GetBucketAcl")),
        &a,
    );
    cases.of(
        "PC310 W",
        Coreweave,
        &destination(&c, |it| statement(it, 2)["Action"] = json!("s3:GetObjectAcl")),
        &c,
    );
    let own = changed(&t.identity.as_ref().unwrap()[0].text, |it| {
        drop(it["statement"].as_array_mut().unwrap().pop());
    });
    let identity = Some(vec![document("own", CamPolicy, &own)]);
    cases.of("PC310 W", Cos, &Delivery { identity, ..t.clone() }, &t);
}

fn of_replacements(cases: &mut Cases) {
    let told = |dialect: Dialect, before: &str, after: &str| {
        let read = |text: &str| Some(document("policy", BucketPolicy, text));
        let replacement = Replacement {
            bucket: "harbor-data".to_owned(),
            role: BucketRole::Source,
            before: read(before),
            after: read(after),
            organization: Some(vec![document("o1", OrgPolicy, O1)]),
            principals: vec![principal_named(USER, dialect)],
        };
        compare(&replacement, dialect, &Options::default()).findings
    };
    let less = changed(P1, |it| statement(it, 0)["Action"] = json!("s3:PutObject"));
    for line in ["PC301 E", "PC303 W"] {
        cases.add(line, Coreweave, told(Coreweave, P1, &less), told(Coreweave, P1, P1));
    }
    let of_aws =
        |text: &str| changed(text, |it| statement(it, 0)["Principal"] = json!({"AWS": ADMIN}));
    let (p1a, less) = (of_aws(P1), of_aws(&less));
    cases.add("PC303 W", Aws, told(Aws, &p1a, &less), told(Aws, &less, &p1a));
    let grant = |action: &str| {
        cam(
            &json!([{"principal": {"qcs": [COS_USER]}, "effect": "allow", "action": action, "resource": "*"}]),
        )
    };
    let (all, some) = (grant("cos:*"), grant("cos:GetObject"));
    cases.add("PC303 W", Cos, told(Cos, &all, &some), told(Cos, &some, &all));
}

fn of_configurations(cases: &mut Cases) {
    let (a, c, t) = (tight_aws(), tight_coreweave(), kept_cos());
    for (dialect, delivery) in [(Aws, &a), (Coreweave, &c), (Cos, &t)] {
        let broken = configured(delivery, |it| it["Schedule"]["Frequency"] = json!("Hourly"));
        cases.of("CF100 E", dialect, &broken, delivery);
    }
    let bucket = |delivery: &Delivery, text: &str| {
        configured(delivery, |it| {
            let destination = it["Destination"].as_object_mut().unwrap();
            destination.values_mut().next().unwrap()["Bucket"] = json!(text);
        })
    };
    cases.of("CF110 E", Aws, &bucket(&a, "harbor-reports"), &a);
    cases.of("CF110 W", Coreweave, &bucket(&c, "harbor-reports"), &c);
    cases.of("CF110 E", Coreweave, &bucket(&c, "arn:aws:s3:us-east-04a::harbor-reports"), &c);
    cases.of("CF110 E", Cos, &bucket(&t, "tide-reports-1250000001"), &t);
    cases.of("CF111 E", Aws, &bucket(&a, "arn:aws:s3:::Harbor"), &a);
    cases.of(
        "CF111 E",
        Coreweave,
        &bucket(&c, "arn:aws:s3:::vip-harbor"),
        &bucket(&c, "arn:aws:s3:::cw-0f3a9c-audit-logs"),
    );
    let latest =
        |delivery| configured(delivery, |it| it["IncludedObjectVersions"] = json!("Latest"));
    cases.of("CF120 E", Aws, &latest(&a), &a);
    cases.of("CF120 W", Coreweave, &latest(&c), &c);
    cases.of(
        "CF120 I",
        Coreweave,
        &configured(&c, |it| it["IncludedObjectVersions"] = json!("Current")),
        &c,
    );
    let fieldless = configured(&c, |it| drop(it.as_object_mut().unwrap().remove("OptionalFields")));
    cases.of("CF121 W", Coreweave, &c, &fieldless);
    let onto_itself = |delivery: &Delivery, name: &str| {
        let own = bucket(delivery, name);
        configured(&own, |it| drop(it.as_object_mut().unwrap().remove("Filter")))
    };
    cases.of("CF130 W", Aws, &onto_itself(&a, "arn:aws:s3:::harbor-data"), &a);
    cases.of(
        "CF130 W",
        Coreweave,
        &onto_itself(&c, "arn:aws:s3:::harbor-data"),
        &bucket(&c, "arn:aws:s3:::harbor-data"),
    );
    cases.of("CF130 W", Cos, &onto_itself(&t, "qcs::cos:ap-guangzhou::tide-1250000001"), &t);
    let settings = |flag: bool| {
        let text = json!({"settings": {"bucketAuditLoggingEnabled": flag},
            "buckets": [{"bucketName": "harbor-data", "settings": {"auditLoggingEnabled": false}}]});
        Delivery {
            configurations: vec![document("s", AuditSettings, &text.to_string())],
            ..coreweave(P5, "{}")
        }
    };
    cases.of("CF210 W", Coreweave, &settings(true), &settings(false));
}

#[test]
fn every_rule_of_deliveries_fires_and_stays_silent_in_every_dialect_that_has_it() {
    let mut cases = Cases::default();
    of_writes(&mut cases);
    of_grants(&mut cases);
    of_people(&mut cases);
    of_replacements(&mut cases);
    of_configurations(&mut cases);
    for Case { code, dialect, level, fires, near } in &cases.0 {
        let begins = format!("{code} {level}");
        let is_told = lines(fires).iter().any(|it| it.starts_with(&begins));
        assert!(is_told, "{begins} {dialect:?}: {:#?}", lines(fires));
        let is_silent = !near.iter().any(|it| it.code == *code);
        assert!(is_silent, "no {code} {dialect:?}: {:#?}", lines(near));
    }
    let is_of_deliveries = |code: &str| {
        let number: u32 = code.trim_start_matches(char::is_alphabetic).parse().unwrap();
        code.starts_with("CF") || (number > 200 && !(220..230).contains(&number))
    };
    let found: BTreeSet<(&str, Dialect)> = cases.0.iter().map(|it| (it.code, it.dialect)).collect();
    let mut wanted = BTreeSet::new();
    for rule in RULES.iter().filter(|rule| is_of_deliveries(rule.code)) {
        let dialects = [Aws, Coreweave, Cos].into_iter().filter(|it| rule.level(*it).is_some());
        wanted.extend(dialects.map(|dialect| (rule.code, dialect)));
    }
    assert_eq!(found, wanted);
}

/// Deliveries that nothing is wrong with are told nothing that is wrong.
#[test]
fn sound_deliveries_are_told_no_errors() {
    for (dialect, delivery) in
        [(Aws, tight_aws()), (Coreweave, tight_coreweave()), (Cos, kept_cos())]
    {
        let found = judged(&delivery, dialect).findings;
        must_not_be(&found, 'E');
        must_not_be(&found, 'W');
    }
    let logs = r#"{"LoggingEnabled": {"TargetBucket": "harbor-reports", "TargetPrefix": "inventory/harbor-data/"}}"#;
    let text = tight_aws().destination_policy.unwrap().remove(0).text;
    let text = changed(&text, |it| {
        statement(it, 0)["Principal"] = json!({"Service": "logging.s3.amazonaws.com"});
        drop(
            statement(it, 0)["Condition"]["StringEquals"]
                .as_object_mut()
                .unwrap()
                .remove("s3:x-amz-acl"),
        );
    });
    let delivery = Delivery {
        configurations: vec![document("logs", LoggingConfig, logs)],
        destination_policy: policy("destination", &text),
        ..tight_aws()
    };
    let found = judged(&delivery, Aws).findings;
    must_not_be(&found, 'E');
    must_not_be(&found, 'W');
}
