//! What an account sets for all that it makes in a Region.

use crate::Row;
use crate::words::words;
use crate::{
    Caller, CpuCredits, Error, HttpTokens, InstanceType, MetadataOptions, Model, Result, Scope, Switch, Time,
    instance_types,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// Which snapshots everyone may use.
    SnapshotSharing { Unblocked "unblocked", BlockNew "block-new-sharing", BlockAll "block-all-sharing" }
}

words! {
    /// What is kept from passing between VPCs and the Internet.
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

/// How instances reach their metadata where their launch does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataDefaults {
    /// Whether it takes a token.
    pub tokens: Option<HttpTokens>,
    /// How many hops the answer with a token may go.
    pub hop_limit: Option<u8>,
    /// Whether it can be asked.
    pub endpoint: Option<Switch>,
    /// Whether tags are among it.
    pub tags: Option<Switch>,
    /// Whether instances that can be asked without a token are refused.
    #[serde(default)]
    pub enforced: Option<Switch>,
}

impl MetadataDefaults {
    /// The options of an instance whose launch says nothing of them.
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

/// Where the usage of Spot instances is written to. Nothing here writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotDatafeed {
    /// The bucket.
    pub bucket: String,
    /// What the names of the files begin with.
    pub prefix: Option<String>,
}

/// A metric of AWS's own network that an account wants to have. Nothing here measures it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricSubscription {
    /// From where: a Region or a zone.
    pub source: String,
    /// To where.
    pub destination: String,
    /// The metric.
    pub metric: String,
    /// The statistic.
    pub statistic: String,
}

/// What is set. An account that has set nothing has no row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionSettings {
    /// `ACCOUNT/REGION`.
    pub id: String,
    /// Whether new volumes are encrypted whatever is said of them.
    pub encrypts: bool,
    /// The key that volumes are encrypted with; AWS's own otherwise.
    pub key: Option<String>,
    /// Whether serial consoles may be used.
    pub serial_console: bool,
    /// Which snapshots everyone may use.
    pub snapshots: SnapshotSharing,
    /// Whether no further image may be shared with everyone.
    pub images_blocked: bool,
    /// The state of Allowed AMIs.
    pub allowed_images: AllowedImages,
    /// The criteria of Allowed AMIs. An image meets at least one.
    pub image_criteria: Vec<ImageCriterion>,
    /// The credits of a family's instances that are launched without a word about them.
    pub credits: BTreeMap<String, CpuCredits>,
    /// How instances reach their metadata.
    pub metadata: MetadataDefaults,
    /// What is kept from passing between VPCs and the Internet.
    pub internet_block: InternetBlock,
    /// When that was set.
    pub internet_block_set: Option<Time>,
    /// Where the usage of Spot instances is written to.
    pub spot_datafeed: Option<SpotDatafeed>,
    /// The metrics of AWS's own network that are wanted.
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
    /// What an account has set for a Region.
    pub fn settings(&self, scope: &Scope) -> RegionSettings {
        let id = place(scope);
        let usual = || RegionSettings { id: id.clone(), ..RegionSettings::default() };
        self.region_settings.get(&id).cloned().unwrap_or_else(usual)
    }

    /// Sets something. Answers with all that is set then.
    pub fn change_settings(&mut self, caller: &Caller, change: impl FnOnce(&mut RegionSettings)) -> RegionSettings {
        let mut settings = self.settings(&caller.scope);
        change(&mut settings);
        self.region_settings.insert(settings.clone());
        settings
    }

    /// Refuses metadata without tokens where the account allows none.
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

    /// What an instance of a type is launched with where nothing is said and something was set.
    pub(crate) fn set_credits(&self, scope: &Scope, instance_type: &str) -> Option<CpuCredits> {
        let family = InstanceType::named(instance_type)?.family();
        self.region_settings.get(&place(scope))?.credits.get(family).copied()
    }
}
