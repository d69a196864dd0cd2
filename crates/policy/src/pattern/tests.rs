use proptest::prelude::*;

use super::*;

fn plain(text: &str) -> Vec<Symbol> {
    Pattern::new(text, Wildcards::Active, Variables::Nowhere).symbols().to_vec()
}

/// The text that a pattern comes to, where `user` is `*`, `long` is unknown and all else is absent.
fn expanded(text: &str, variables: Variables) -> String {
    let pattern = Pattern::new(text, Wildcards::Active, variables);
    let value_of = |key: &str| match key {
        "aws:username" => Single::Value("*"),
        "unknown" => Single::Unknown,
        _ => Single::None,
    };
    match pattern.expand(100, value_of) {
        Expanded::Nothing => "nothing".to_owned(),
        Expanded::Unknown(key) => format!("unknown {key}"),
        Expanded::Symbols(symbols) => symbols
            .iter()
            .map(|symbol| match symbol {
                // Plain ones are shown so that they can be told from wildcards.
                Symbol::Char('*') => '★',
                Symbol::Char(c) => *c,
                Symbol::One => '?',
                Symbol::Any => '*',
            })
            .collect(),
    }
}

#[test]
fn variables_are_data() {
    for (text, expected) in [
        ("b/${aws:username}/*", "b/★/*"),
        ("${*}${?}${$}*", "★?$*"),
        ("${none}", "nothing"),
        ("${none, 'a*b'}", "a★b"),
        ("${none,'x'}", "x"),
        ("${aws:username, 'x'}", "★"),
        ("${unknown, 'x'}", "unknown unknown"),
        ("${unknown}${none}", "nothing"),
        ("${${${", "${${${"),
        ("${", "${"),
        ("${}", "${}"),
        ("${none, x}", "${none, x}"),
        ("${open*", "${open*"),
        ("${${aws:username}}", "${★}"),
        ("$x{y}", "$x{y}"),
    ] {
        assert_eq!(expanded(text, Variables::Anywhere), expected, "{text}");
    }
}

#[test]
fn variables_stand_in_the_last_part_of_an_arn_alone() {
    let read = |text| expanded(text, Variables::BehindFifthColon);
    assert_eq!(read("arn:aws:s3:::b/${aws:username}"), "arn:aws:s3:::b/★");
    assert_eq!(read("arn:aws:s3:${aws:username}::b"), "arn:aws:s3:${aws:username}::b");
    assert_eq!(read("${none}"), "${none}");
    assert_eq!(expanded("${none}", Variables::Nowhere), "${none}");
}

#[test]
fn wildcards_take_anything() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "a/b:c", true),
        ("?", "", false),
        ("?", "/", true),
        ("?", "é", true),
        ("b/*", "b", false),
        ("b/*", "b/", true),
        ("a*c", "acb", false),
        ("*.csv", "a.csv.csv", true),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXcYb", false),
        ("*?b", "b", false),
        ("**", "x", true),
        ("[ab]", "a", false),
        ("A", "a", false),
    ] {
        assert_eq!(glob(&plain(pattern), text), expected, "{pattern:?} {text:?}");
    }
    assert!(glob_ignoring_case(&plain("get*T"), "GetObject"));
}

/// What the documentation says, at exponential cost.
fn defined(pattern: &[Symbol], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Symbol::Any, behind)), _) => {
            (0..=text.len()).any(|taken| defined(behind, &text[taken..]))
        }
        (Some((Symbol::One, behind)), Some((_, rest))) => defined(behind, rest),
        (Some((Symbol::Char(wanted), behind)), Some((found, rest))) => {
            wanted == found && defined(behind, rest)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

proptest! {
    #[test]
    fn matches_what_the_definition_matches(pattern in "[ab?*é]{0,8}", text in "[abé]{0,10}") {
        let chars: Vec<char> = text.chars().collect();
        prop_assert_eq!(glob(&plain(&pattern), &text), defined(&plain(&pattern), &chars));
    }

    #[test]
    fn patterns_meet_where_a_text_matches_both(one in "[ab?*]{0,6}", other in "[ab?*]{0,6}", text in "[ab]{0,8}") {
        let (one, other) = (plain(&one), plain(&other));
        let meets = meet(&one, &other);
        prop_assert_eq!(meets, meet(&other, &one));
        prop_assert!(meets || !(glob(&one, &text) && glob(&other, &text)));
        // A text without wildcards meets what it matches, and nothing else.
        prop_assert_eq!(meet(&one, &plain(&text)), glob(&one, &text));
    }

    #[test]
    fn a_substituted_value_is_compared_as_it_stands(value in "[ab*?$]{0,4}", text in "[ab*?$]{0,4}") {
        let pattern = Pattern::new("${v}", Wildcards::Active, Variables::Anywhere);
        let Expanded::Symbols(symbols) = pattern.expand(4, |_| Single::Value(&value)) else {
            return Err(TestCaseError::fail("a value was given"));
        };
        prop_assert_eq!(glob(&symbols, &text), value == text);
    }
}

#[test]
fn no_pattern_takes_more_steps_than_both_lengths_multiplied() {
    let text = "a".repeat(1024);
    let long = "a*".repeat(512) + "b";
    for (pattern, steps_max) in [
        // The usual attack is linear, as every star but the last is settled at once.
        (long.as_str(), 4 * 1024),
        (&("*a".repeat(512) + "b"), 4 * 1024),
        (&("*".repeat(1023) + "b"), 4 * 1024),
        (&format!("*{}b", "a".repeat(1022)), 1025 * 1025),
        (&format!("*{}b", "?".repeat(512)), 1025 * 1025),
        (&("?*".repeat(512) + "b"), 4 * 1024),
    ] {
        let mut steps = 0_usize;
        let step = || {
            steps += 1;
            // Here and not behind, as a pattern that takes too many may take them for years.
            assert!(steps <= steps_max, "more than {steps_max} steps for {pattern}");
            true
        };
        assert!(!compare(&plain(pattern), &text, |wanted, found| wanted == found, step));
    }
}

#[test]
fn many_long_values_are_not_written_out() {
    let pattern = Pattern::new(&"${v}".repeat(50_000), Wildcards::Active, Variables::Anywhere);
    let value = "a".repeat(1 << 20);
    // Written out this would have 50 GiB.
    assert_eq!(pattern.expand(8192, |_| Single::Value(&value)), Expanded::Nothing);
    let short = Pattern::new("${v}*${v}", Wildcards::Active, Variables::Anywhere);
    assert_eq!(short.expand(3, |_| Single::Value("ab")), Expanded::Nothing);
    assert!(matches!(short.expand(4, |_| Single::Value("ab")), Expanded::Symbols(_)));
}
