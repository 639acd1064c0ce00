//! AssumeRoleWithSAML: sessions for users of a SAML provider.

use super::federation::{Begun, Vouched, account_of, assume, check_belief};
use super::{Error, Result, TokenFault};
use crate::api::action::{Actions, Change};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use shapes::sts;

const ACTION: &str = "sts:AssumeRoleWithSAML";
/// The prefix of AWS's attributes.
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
/// The audience of assertions for AWS.
const AUDIENCE: &str = "https://signin.aws.amazon.com/saml";

pub fn actions(all: Actions) -> Actions {
    all.write(with_assertion)
}

/// The contents of an assertion.
#[derive(Default)]
struct Assertion {
    issuer: String,
    subject: String,
    subject_type: String,
    recipient: String,
    attributes: Vec<(String, String)>,
}

impl Assertion {
    /// Reads a response, which is XML in base64.
    fn read(encoded: &str) -> Option<Assertion> {
        let document = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let mut reader = Reader::from_str(document.trim());
        reader.config_mut().expand_empty_elements = true;
        let mut found = Assertion::default();
        let (mut attribute, mut text) = (String::new(), String::new());
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    text.clear();
                    match start.local_name().as_ref() {
                        "Attribute" => attribute = value(&start, "Name").unwrap_or_default(),
                        "NameID" => found.subject_type = value(&start, "Format").unwrap_or_default(),
                        "SubjectConfirmationData" => found.recipient = value(&start, "Recipient").unwrap_or_default(),
                        _ => {}
                    }
                }
                Event::Text(part) => text.push_str(&part),
                Event::End(end) => match end.local_name().as_ref() {
                    // The last one is the assertion's own.
                    "Issuer" => found.issuer = text.trim().to_owned(),
                    "NameID" => found.subject = text.trim().to_owned(),
                    "AttributeValue" => found.attributes.push((attribute.clone(), text.trim().to_owned())),
                    _ => {}
                },
                Event::Eof => return (!found.issuer.is_empty()).then_some(found),
                _ => {}
            }
        }
    }

    fn attribute(&self, name: &str) -> impl Iterator<Item = &str> {
        let wanted = format!("{ATTRIBUTES}{name}");
        self.attributes.iter().filter(move |(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    }
}

fn value(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(attribute.value.into_owned())
}

fn with_assertion(cx: Change, input: sts::AssumeRoleWithSAMLRequest) -> Result<sts::AssumeRoleWithSAMLResponse> {
    let sts::AssumeRoleWithSAMLRequest {
        role_arn,
        principal_arn,
        saml_assertion,
        policy,
        policy_arns,
        duration_seconds,
    } = input;
    let account = account_of(&role_arn)?;
    check_belief(cx.model)?;
    let assertion = Assertion::read(&saml_assertion);
    let assertion = assertion.ok_or(TokenFault::NoSaml)?;
    let missing = |_| TokenFault::NoSamlProvider(principal_arn.clone());
    let provider = cx.model.saml_provider(&account, &principal_arn).map_err(missing)?.0.arn.clone();
    let is_pair = |pair: &str| {
        pair.split_once(',')
            .map(|(one, other)| [one.trim(), other.trim()])
            .is_some_and(|pair| pair.contains(&role_arn.as_str()) && pair.contains(&provider.as_str()))
    };
    if !assertion.attribute("Role").any(is_pair) {
        return Err(Error::NotTrusted(ACTION));
    }
    let session = assertion.attribute("RoleSessionName").next().unwrap_or_default().to_owned();
    let told = assertion.attribute("SessionDuration").next().and_then(|seconds| seconds.parse().ok());
    let Assertion { issuer, subject, subject_type, recipient, .. } = assertion;
    let kind = subject_type.rsplit(':').next().unwrap_or_default().to_owned();
    let audience = if recipient.is_empty() { AUDIENCE.to_owned() } else { recipient };
    let facts = [("aud", &audience), ("iss", &issuer), ("sub", &subject), ("sub_type", &kind)];
    let facts = facts.map(|(name, value)| (format!("saml:{name}"), value.clone())).to_vec();
    let seconds = duration_seconds.or(told);
    let vouched = Vouched { action: ACTION, provider, facts, role: role_arn, session, policy, policy_arns, seconds };
    let Begun { user, credentials, packed } = assume(cx.model, cx.caller, vouched)?;
    Ok(sts::AssumeRoleWithSAMLResponse {
        credentials: Some(credentials),
        assumed_role_user: Some(user),
        packed_policy_size: packed,
        subject: Some(subject),
        subject_type: Some(kind),
        issuer: Some(issuer),
        audience: Some(audience),
        ..Default::default()
    })
}
