//! Identity and Access Management: users, groups, roles, policies, keys and sessions. They belong to an account and to no Region.

mod access_key;
mod access_report;
mod account_settings;
mod attachment;
mod boundary;
mod credential;
mod declared;
mod error;
mod group;
mod identity;
mod identity_provider;
mod instance_profile;
mod last_use;
mod managed;
mod managed_policy;
mod mfa_device;
mod name;
mod policy;
mod principal;
mod quota;
mod role;
mod server_certificate;
mod service_linked_role;
mod session;
mod tagged;

pub use access_key::AccessKey;
pub use access_report::AccessReport;
pub use account_settings::{AccountSettings, PasswordPolicy};
pub use credential::{Credential, CredentialKind, CredentialOf, Credentials, LoginProfile};
pub use error::{Error, Rule};
pub use identity::{Class, Identity, Of, Role};
pub use identity_provider::{IdentityProvider, OpenIdConnect, ProviderOf, Saml};
pub use instance_profile::InstanceProfile;
pub use last_use::LastUse;
pub use managed::all as all_aws_managed;
pub use managed_policy::{ManagedPolicy, PolicyVersion};
pub use mfa_device::MfaDevice;
pub use name::Named;
pub use policy::Policy;
pub use principal::{Principal, SessionTags};
pub use server_certificate::{NewServerCertificate, ServerCertificate};
pub use service_linked_role::{name_and_path as service_linked_role, trust_in_lists};
pub use session::Session;
pub use tagged::Tagged;

/// The result of a transition.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests;
