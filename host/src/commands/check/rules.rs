//! What the codes of findings mean, from the documents that explain them.

/// Where they are in the repository, and what they say: it is said there, and nowhere else.
const DOCUMENTS: [(&str, &str); 3] = [
    ("docs/RULES.md", include_str!("../../../../docs/RULES.md")),
    ("docs/rules/policies.md", include_str!("../../../../docs/rules/policies.md")),
    ("docs/rules/deliveries.md", include_str!("../../../../docs/rules/deliveries.md")),
];

/// What is documented of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Documented {
    /// Its heading without the code.
    pub(super) title: &'static str,
    /// What it says, up to the next heading.
    pub(super) text: &'static str,
    /// The document, with the anchor that code hosts give the heading.
    pub(super) place: String,
}

/// What is documented of a code; none if it has no heading.
pub(super) fn documented(code: &str) -> Option<Documented> {
    DOCUMENTS.iter().find_map(|(path, document)| {
        let mut sections = document.split("\n## ").skip(1);
        sections.find_map(|section| {
            let (heading, text) = section.split_once('\n')?;
            let title = heading.strip_prefix(code)?.strip_prefix(':')?.trim();
            Some(Documented {
                title,
                text: text.trim(),
                place: format!("{path}#{}", anchor(heading)),
            })
        })
    })
}

/// Lower case, hyphens for spaces, and no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_the_title_and_anchor_of_its_heading() {
        let found = documented("CF120").unwrap();
        assert_eq!(found.title, "`Latest` is not a choice of versions");
        assert_eq!(found.place, "docs/RULES.md#cf120-latest-is-not-a-choice-of-versions");
        assert!(found.text.starts_with("**Level**"), "{}", found.text);
        assert!(!found.text.contains("\n## "), "{}", found.text);
        let (policy, delivery) = (documented("PC101").unwrap(), documented("PC201").unwrap());
        assert!(policy.place.starts_with("docs/rules/policies.md#pc101-"), "{}", policy.place);
        assert!(
            delivery.place.starts_with("docs/rules/deliveries.md#pc201-"),
            "{}",
            delivery.place
        );
        assert_eq!(documented("CF12"), None);
        assert_eq!(documented("XX999"), None);
    }
}
