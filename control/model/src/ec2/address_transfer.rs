//! Transfers of Elastic IP addresses: one account offers an address, and another accepts it.

use crate::{AddressTransfer, Caller, Domain, ElasticAddress, Error, Model, Result, Tags, is_account_id, tags};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long an offer can be accepted.
const OPEN: Duration = Duration::from_secs(7 * 24 * 3600);

impl Model {
    /// EnableAddressTransfer: offers an address to another account. A later offer replaces an earlier one.
    pub fn offer_address(&mut self, caller: &Caller, id: &str, to: String) -> Result<()> {
        if !is_account_id(&to) || to == caller.scope.account {
            return Err(Error::invalid("TransferAccountId", to));
        }
        let address = self.elastic_addresses.find_mut(&caller.scope, id)?;
        let expires = caller.now.after(OPEN);
        address.transfer = Some(AddressTransfer { from: caller.scope.clone(), to, expires, accepted: None });
        Ok(())
    }

    /// DisableAddressTransfer: withdraws an offer. Returns it.
    pub fn withdraw_address(&mut self, caller: &Caller, id: &str) -> Result<AddressTransfer> {
        let offer = self.elastic_addresses.find(&caller.scope, id)?.transfer.clone();
        let offer = offer.filter(|transfer| transfer.is_pending(caller.now));
        let offer = offer.ok_or_else(|| Error::NoAddressTransfer { id: id.to_owned() })?;
        self.elastic_addresses.find_mut(&caller.scope, id)?.transfer = None;
        Ok(offer)
    }

    /// AcceptAddressTransfer: moves the address to the caller under the same id, with the caller's tags. Returns the id.
    pub fn accept_address(&mut self, caller: &Caller, address: Ipv4Addr, tags: Tags) -> Result<String> {
        let offered = self.elastic_address(address).filter(|row| row.is_offered_to(caller));
        let row = offered.ok_or(Error::AddressNotFound { address })?;
        if self.holder_of(address).is_some() {
            return Err(Error::TransferOfAssociated { address });
        }
        if row.name.is_some() {
            return Err(Error::TransferOfNamed { address });
        }
        self.check_address_limit(caller, Domain::Vpc)?;
        tags::check(&tags)?;
        let (from, id) = (row.scope.clone(), row.id.clone());
        let row = self.elastic_addresses.find_mut(&from, &id)?;
        (row.scope, row.tags, row.since) = (caller.scope.clone(), tags, caller.now);
        if let Some(transfer) = &mut row.transfer {
            transfer.accepted = Some(caller.now);
        }
        Ok(id)
    }

    /// The addresses whose transfers the caller sees, each with its transfer.
    pub fn address_transfers(&self, caller: &Caller) -> impl Iterator<Item = (&ElasticAddress, &AddressTransfer)> {
        let rows = self.elastic_addresses.iter().filter_map(|row| Some((row, row.transfer.as_ref()?)));
        rows.filter(move |(_, transfer)| transfer.from == caller.scope && transfer.is_visible(caller.now))
    }
}

impl ElasticAddress {
    fn is_offered_to(&self, caller: &Caller) -> bool {
        let is_to_caller =
            |transfer: &AddressTransfer| transfer.to == caller.scope.account && transfer.is_pending(caller.now);
        self.domain == Domain::Vpc
            && self.scope.region == caller.scope.region
            && self.transfer.as_ref().is_some_and(is_to_caller)
    }
}
