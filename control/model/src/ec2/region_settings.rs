//! Settings of an account for a Region.

use crate::Row;
use crate::words::words;
use crate::{
    Caller, CpuCredits, Error, HttpTokens, InstanceType, MetadataOptions, Model, Result, Scope, Switch, Time,
    instance_types,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// The snapshots that may be public.
    SnapshotSharing { Unblocked "unblocked", BlockNew "block-new-sharing", BlockAll "block-all-sharing" }
}

words! {
    /// The blocked traffic between VPCs and the Internet.
    InternetBlock { Off "off", Ingress "block-ingress", Bidirectional "block-bidirectional" }
}

words! {
    /// Whether images that are not allowed are hidden (`enabled`) or only marked (`audit-mode`).
    AllowedImages { Disabled "disabled", Enabled "enabled", Audit "audit-mode" }
}

/// A criterion that an image meets to be allowed. An empty list and an absent number ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageCriterion {
    /// The image's owners: accounts, or aliases.
    pub providers: Vec<String>,
    /// The image's names, with the wildcards `*` and `?`.
    pub names: Vec<String>,
    /// Product codes of the marketplace, which no image here has.
    pub product_codes: Vec<String>,
    /// The most days since the image was deprecated.
    pub days_deprecated: Option<u32>,
    /// The most days since the image was created.
    pub days_created: Option<u32>,
}

/// The metadata defaults of launches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataDefaults {
    /// Whether a token is needed.
    pub tokens: Option<HttpTokens>,
    /// The hop limit of answers with a token.
    pub hop_limit: Option<u8>,
    /// Whether the service is enabled.
    pub endpoint: Option<Switch>,
    /// Whether it has the tags.
    pub tags: Option<Switch>,
    /// Whether launches without a required token are refused.
    #[serde(default)]
    pub enforced: Option<Switch>,
}

impl MetadataDefaults {
    /// The metadata options of an instance without its own.
    pub(crate) fn options(self) -> MetadataOptions {
        let usual = MetadataOptions::default();
        MetadataOptions {
            tokens: self.tokens.unwrap_or(usual.tokens),
            hop_limit: self.hop_limit.unwrap_or(usual.hop_limit),
            endpoint: self.endpoint.unwrap_or(usual.endpoint),
            tags: self.tags.unwrap_or(usual.tags),
            ..usual
        }
    }
}

/// A subscription to the data feed of Spot Instances. Nothing is written here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotDatafeed {
    /// The bucket.
    pub bucket: String,
    /// The prefix of the file names.
    pub prefix: Option<String>,
}

/// A subscription to a metric of AWS's own network. Nothing is measured here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricSubscription {
    /// The source: a Region or an Availability Zone.
    pub source: String,
    /// The destination, of the same kind.
    pub destination: String,
    /// The metric.
    pub metric: String,
    /// The statistic.
    pub statistic: String,
}

/// The settings. An account without any has no row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionSettings {
    /// `ACCOUNT/REGION`.
    pub id: String,
    /// Whether new volumes are always encrypted.
    pub encrypts: bool,
    /// The default key of volumes. Without one it is AWS's.
    pub key: Option<String>,
    /// Whether serial consoles may be used.
    pub serial_console: bool,
    /// The snapshots that may be public.
    pub snapshots: SnapshotSharing,
    /// Whether images cannot become public.
    pub images_blocked: bool,
    /// The state of Allowed AMIs.
    pub allowed_images: AllowedImages,
    /// The criteria of Allowed AMIs. An image meets at least one.
    pub image_criteria: Vec<ImageCriterion>,
    /// The default credit options by instance family.
    pub credits: BTreeMap<String, CpuCredits>,
    /// The metadata defaults of launches.
    pub metadata: MetadataDefaults,
    /// The blocked traffic between VPCs and the Internet.
    pub internet_block: InternetBlock,
    /// The time at which that was set.
    pub internet_block_set: Option<Time>,
    /// The subscription to the data feed of Spot Instances.
    pub spot_datafeed: Option<SpotDatafeed>,
    /// The subscriptions to metrics of AWS's own network.
    pub metrics: BTreeSet<MetricSubscription>,
}

impl Row for RegionSettings {
    fn id(&self) -> &str {
        &self.id
    }
}

fn place(scope: &Scope) -> String {
    format!("{}/{}", scope.account, scope.region)
}

impl Model {
    /// The settings of an account for a Region.
    pub fn settings(&self, scope: &Scope) -> RegionSettings {
        let id = place(scope);
        let usual = || RegionSettings { id: id.clone(), ..RegionSettings::default() };
        self.region_settings.get(&id).cloned().unwrap_or_else(usual)
    }

    /// Changes a setting. Returns all settings.
    pub fn change_settings(&mut self, caller: &Caller, change: impl FnOnce(&mut RegionSettings)) -> RegionSettings {
        let mut settings = self.settings(&caller.scope);
        change(&mut settings);
        self.region_settings.insert(settings.clone());
        settings
    }

    /// Checks that the account allows metadata without tokens, unless they are required.
    pub fn check_tokens(&self, scope: &Scope, tokens: HttpTokens) -> Result<()> {
        match self.settings(scope).metadata.enforced == Some(Switch::Enabled) && tokens != HttpTokens::Required {
            true => Err(Error::TokensEnforced {}),
            false => Ok(()),
        }
    }

    /// The credits that instances of a family have without a word about them.
    ///
    /// # Errors
    /// The family's processors know no credits.
    pub fn default_credits(&self, scope: &Scope, family: &str) -> Result<CpuCredits> {
        let burstable = |known: &&InstanceType| known.burstable && known.family() == family;
        if family == "t1" || !instance_types().any(|known| burstable(&known)) {
            return Err(Error::invalid("InstanceFamily", family));
        }
        let usual = if family == "t2" { CpuCredits::Standard } else { CpuCredits::Unlimited };
        Ok(self.settings(scope).credits.get(family).copied().unwrap_or(usual))
    }

    /// The credit option of a launch without its own, if the account has set one.
    pub(crate) fn set_credits(&self, scope: &Scope, instance_type: &str) -> Option<CpuCredits> {
        let family = InstanceType::named(instance_type)?.family();
        self.region_settings.get(&place(scope))?.credits.get(family).copied()
    }
}
