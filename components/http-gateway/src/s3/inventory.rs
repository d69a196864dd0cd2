//! Inventory configurations: PUT, GET, DELETE and the list.

use stocktake_capabilities::Error as StoreError;
use stocktake_core::configuration::{Configuration, ConfigurationId, document_xml};
use stocktake_core::finding::Dialect;

use super::buckets::exists;
use super::xml::{self, Document};
use super::{Code, Error, NAMESPACE, refused};
use crate::access::{Access, Operation, authorize, authorize_by, settled};
use crate::functions::{DeleteOutcome, Judgement, PutOutcome, Syntax};
use crate::http::Response;
use crate::query::Query;
use crate::settings::{NotFoundCode, Settings};
use crate::{findings, policies, preflight};

const WRONG_TOKEN: &str = "The continuation token provided is incorrect";

/// PUT of a configuration.
///
/// Looks in the order of Amazon S3: authorization, bucket, document, ids, destination, limit. The policies of both buckets are
/// those of the moment at which the configuration takes effect.
pub(super) fn put(
    access: Access<'_>,
    bucket: &str,
    query: &Query,
    body: &[u8],
) -> Result<Response, Error> {
    let Access { services, settings, .. } = access;
    let id = query.get("id").filter(|id| !id.is_empty());
    let Judgement { findings: alone, configuration: document } =
        services.inventory_config.validate(body, Syntax::Xml, settings.dialect);
    let configuration = document.as_deref().map(Configuration::from_json).transpose();
    let configuration =
        configuration.map_err(|error| Code::InternalError.because(error.to_string()))?;
    let fields = fields(configuration.as_ref());
    // Of a document that is not usable for this request a PUT tells why, and changes nothing.
    let usable = configuration.filter(|usable| Some(usable.id.as_str()) == id).zip(document);
    settled(|| {
        let source = policies::read(services, bucket)?;
        authorize_by(access, Operation::PutInventory, Some(bucket), source.policy(), &fields)?;
        exists(access, bucket)?;
        let (mut seen, mut told) = (vec![source.seen()], Vec::new());
        if let Some((configuration, json)) = &usable {
            let delivered = preflight::check(access, &source, configuration, json)?;
            seen.push(delivered.destination.seen());
            told = delivered.findings;
        }
        let (config, id_or_none) = (services.inventory_config, id.unwrap_or_default());
        match config.put(bucket, id_or_none, body, Syntax::Xml, settings.dialect, &seen)? {
            PutOutcome::Stored(mut found) => {
                found.extend(told);
                let told = findings::header(&found);
                Ok(Some(Response::empty(200).maybe(findings::HEADER, told)))
            }
            PutOutcome::Refused(found) => Err(refused(found, &alone, id)),
            PutOutcome::TooMany => Err(Code::TooManyConfigurations.into()),
            PutOutcome::Overtaken => Ok(None),
        }
    })
}

/// The optional fields of a configuration, which policies can name.
fn fields(configuration: Option<&Configuration>) -> Vec<String> {
    let fields = configuration.map(|configuration| configuration.optional_fields.as_slice());
    fields.unwrap_or_default().iter().map(|field| field.name.to_owned()).collect()
}

/// GET of a configuration.
pub(super) fn get(access: Access<'_>, bucket: &str, query: &Query) -> Result<Response, Error> {
    let Access { services, settings, .. } = access;
    authorize(access, Operation::GetInventory, Some(bucket), &[])?;
    exists(access, bucket)?;
    let id = asked_id(query)?;
    let found = services.inventory_config.get(bucket, id)?;
    let document = found.ok_or_else(|| no_such_configuration(settings))?;
    Ok(xml::answer(200, &element(&document, namespace(settings.dialect))?))
}

/// DELETE of a configuration.
pub(super) fn delete(access: Access<'_>, bucket: &str, query: &Query) -> Result<Response, Error> {
    let Access { services, settings, .. } = access;
    settled(|| {
        let source = policies::read(services, bucket)?;
        authorize_by(access, Operation::DeleteInventory, Some(bucket), source.policy(), &[])?;
        exists(access, bucket)?;
        match services.inventory_config.delete(bucket, asked_id(query)?, &[source.seen()])? {
            DeleteOutcome::Deleted => Ok(Some(Response::empty(204))),
            DeleteOutcome::NoSuchConfiguration => Err(no_such_configuration(settings)),
            DeleteOutcome::Overtaken => Ok(None),
        }
    })
}

/// The list of a bucket's configurations.
pub(super) fn list(access: Access<'_>, bucket: &str, query: &Query) -> Result<Response, Error> {
    let Access { services, settings, .. } = access;
    authorize(access, Operation::ListInventory, Some(bucket), &[])?;
    exists(access, bucket)?;
    let token = query.get("continuation-token");
    let page = match services.inventory_config.list(bucket, token) {
        Err(StoreError::InvalidArgument(_)) if token.is_some() => {
            return Err(Code::InvalidArgument.saying(WRONG_TOKEN));
        }
        page => page?,
    };
    // Tencent COS has another name for it.
    let root = match settings.dialect {
        Dialect::Cos => "ListInventoryConfigurationResult",
        Dialect::Any | Dialect::Aws | Dialect::Coreweave => "ListInventoryConfigurationsResult",
    };
    let mut document = Document::new(root, namespace(settings.dialect));
    for configuration in &page.configurations {
        document.raw(&element(configuration, None)?);
    }
    document.leaf("IsTruncated", if page.next.is_some() { "true" } else { "false" });
    if let Some(token) = token {
        document.leaf("ContinuationToken", token);
    }
    if let Some(next) = &page.next {
        document.leaf("NextContinuationToken", next);
    }
    Ok(document.answer(200))
}

/// The id that a request names.
pub(super) fn asked_id(query: &Query) -> Result<&str, Error> {
    let id = query.get("id").filter(|id| ConfigurationId::parse(id).is_some());
    id.ok_or_else(|| Code::InvalidConfigurationId.into())
}

/// That there is no configuration of an id.
pub(crate) fn no_such_configuration(settings: &Settings) -> Error {
    match settings.not_found_code {
        NotFoundCode::Configuration => Code::NoSuchConfiguration,
        NotFoundCode::InventoryConfiguration => Code::NoSuchInventoryConfiguration,
    }
    .into()
}

/// The namespace of answers; those of Tencent COS have none.
pub(super) fn namespace(dialect: Dialect) -> Option<&'static str> {
    (dialect != Dialect::Cos).then_some(NAMESPACE)
}

fn element(document: &str, namespace: Option<&str>) -> Result<String, Error> {
    document_xml(document, namespace)
        .map_err(|error| Code::InternalError.because(error.to_string()))
}
