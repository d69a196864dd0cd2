//! The tables agree with each other and with what providers list.

use super::*;

#[test]
fn every_optional_field_has_a_column_and_the_reverse() {
    let named = |column: &Column| match column.presence {
        Presence::Field(name) => Some(name),
        Presence::Always | Presence::WithVersions => None,
    };
    for field in OPTIONAL_FIELDS {
        assert!(COLUMNS.iter().any(|column| named(column) == Some(field.name)), "{}", field.name);
    }
    for name in COLUMNS.iter().filter_map(named) {
        assert!(OPTIONAL_FIELDS.iter().any(|field| field.name == name), "{name}");
    }
}

#[test]
fn columnar_names_follow_from_the_names() {
    for column in Form::ALL.iter().flat_map(|form| form.columns()) {
        let mut expected = String::new();
        for (i, c) in column.name.trim_end_matches("-*").chars().enumerate() {
            if c.is_ascii_uppercase() && i > 0 {
                expected.push('_');
            }
            expected.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
        }
        assert_eq!(column.columnar_name, expected);
    }
}

#[test]
fn forms_differ_in_what_their_reports_begin_with() {
    let names = |form: Form, fields: &str| {
        let fields: Vec<_> =
            fields.split(' ').filter_map(|name| optional_field(name, form.dialect())).collect();
        let columns = form.report_columns(true, &fields);
        columns.iter().map(|column| column.name).collect::<Vec<_>>().join(" ")
    };
    let asked = "x-cos-meta-* Crc64 LastAccessedDate Tag EncryptionStatus ReplicationStatus Size";
    assert_eq!(
        names(Form::Coreweave, asked),
        "BucketName ObjectKey VersionId IsLatest IsDeleteMarker Size LastAccessedDate EncryptionStatus"
    );
    assert_eq!(
        names(Form::Cos, asked),
        "Appid Bucket Key VersionId IsLatest IsDeleteMarker Size ReplicationStatus Tag Crc64 x-cos-meta-*"
    );
    let columnar: Vec<_> =
        Form::Coreweave.report_columns(false, &[]).iter().map(|c| c.columnar_name).collect();
    assert_eq!(columnar, ["bucket_name", "object_key"]);
}

#[test]
fn every_form_has_every_field_in_the_same_order() {
    let fields = |form: Form| -> Vec<_> {
        form.columns().iter().filter(|c| c.presence != Presence::Always).collect()
    };
    for form in Form::ALL {
        assert_eq!(fields(*form), fields(Form::Aws));
    }
}

#[test]
fn dialects_list_their_own_fields() {
    let count =
        |dialect| OPTIONAL_FIELDS.iter().filter(|field| field.dialects.contains(&dialect)).count();
    let dialects = [Dialect::Any, Dialect::Aws, Dialect::Coreweave, Dialect::Cos];
    assert_eq!(dialects.map(count), [23, 19, 8, 9]);
    let cos = "Size LastModifiedDate ETag StorageClass IsMultipartUploaded ReplicationStatus \
        Tag Crc64 x-cos-meta-*";
    for name in cos.split_whitespace() {
        assert!(optional_field(name, Dialect::Cos).is_some(), "{name}");
    }
}

#[test]
fn selected_columns_come_in_report_order() {
    let fields: Vec<_> = ["ETag", "Size", "ETag"]
        .into_iter()
        .filter_map(|name| optional_field(name, Dialect::Aws))
        .collect();
    let names: Vec<_> =
        report_columns(true, &fields).into_iter().map(|column| column.name).collect();
    assert_eq!(names.join(" "), "Bucket Key VersionId IsLatest IsDeleteMarker Size ETag");
    assert_eq!(optional_field("LastAccessedDate", Dialect::Aws), None);
}
