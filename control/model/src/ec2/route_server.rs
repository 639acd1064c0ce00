//! Route servers, which learn routes from appliances of a VPC by BGP and install them in route tables. They are kept and shown, but no
//! BGP is spoken here.

use crate::collection::resource;
use crate::ec2::asn::check_asn;
use crate::error::refuse_in_use;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// The options of a route server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteServerOptions {
    /// How many minutes routes stay after all BGP sessions have ended. `None` if they do not stay.
    pub persistence: Option<i64>,
    /// Whether SNS notifications are enabled.
    pub notifies: bool,
}

/// A route server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteServer {
    /// `rs-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its ASN.
    pub asn: i64,
    /// Its options.
    pub options: RouteServerOptions,
    /// The VPC that it is associated with.
    pub vpc: Option<String>,
    /// The route tables that it propagates to.
    pub propagations: Vec<String>,
}

resource!(RouteServer, IdKind::RouteServer, |server| server.vpc.iter().cloned().collect());

impl Model {
    /// CreateRouteServer. Returns the id.
    pub fn create_route_server(
        &mut self,
        caller: &Caller,
        asn: i64,
        options: RouteServerOptions,
        tags: Tags,
    ) -> Result<String> {
        check_asn("AmazonSideAsn", asn)?;
        tags::check(&tags)?;
        let (id, scope) = (self.new_id(IdKind::RouteServer), caller.scope.clone());
        let (vpc, propagations) = (None, Vec::new());
        self.route_servers.insert(RouteServer { id: id.clone(), scope, tags, asn, options, vpc, propagations });
        Ok(id)
    }

    /// ModifyRouteServer.
    pub fn modify_route_server(&mut self, caller: &Caller, id: &str, options: RouteServerOptions) -> Result<()> {
        self.route_servers.find_mut(&caller.scope, id)?.options = options;
        Ok(())
    }

    /// DeleteRouteServer. One that is associated with a VPC is refused. Returns what was deleted, which is described for a while.
    pub fn delete_route_server(&mut self, caller: &Caller, id: &str) -> Result<RouteServer> {
        let server = self.route_servers.find(&caller.scope, id)?.clone();
        refuse_in_use(id, "VPC Associations", server.vpc.as_deref().into_iter())?;
        self.route_servers.remove(id);
        self.depart(Some(server.clone()), caller.now);
        Ok(server)
    }

    /// The VPC that a server is associated with.
    pub fn vpc_of_route_server(&self, caller: &Caller, id: &str) -> Result<&str> {
        let server = self.route_servers.find(&caller.scope, id)?;
        server.vpc.as_deref().ok_or_else(|| Error::RouteServerNotAssociated { server: id.to_owned() })
    }

    /// AssociateRouteServer. A server is associated with one VPC at most.
    pub fn associate_route_server(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        self.vpcs.find(&caller.scope, vpc)?;
        let server = self.route_servers.find_mut(&caller.scope, id)?;
        if let Some(vpc) = server.vpc.clone() {
            return Err(Error::RouteServerAssociated { server: id.to_owned(), vpc });
        }
        server.vpc = Some(vpc.to_owned());
        Ok(())
    }

    /// DisassociateRouteServer. A server with endpoints or propagations is refused.
    pub fn disassociate_route_server(&mut self, caller: &Caller, id: &str, vpc: &str) -> Result<()> {
        if self.vpc_of_route_server(caller, id)? != vpc {
            return Err(Error::RouteServerNotAssociated { server: id.to_owned() });
        }
        refuse_in_use(id, "Endpoints", self.route_server_endpoints.by(id).map(|endpoint| endpoint.id.as_str()))?;
        refuse_in_use(id, "Propagations", self.route_server_propagations(self.route_servers.find(&caller.scope, id)?))?;
        self.route_servers.find_mut(&caller.scope, id)?.vpc = None;
        Ok(())
    }

    /// The route tables that a server propagates to and that still exist.
    pub fn route_server_propagations<'m>(&'m self, server: &'m RouteServer) -> impl Iterator<Item = &'m str> {
        let is_there = move |table: &&String| self.route_tables.get(table).is_some();
        server.propagations.iter().filter(is_there).map(String::as_str)
    }

    /// EnableRouteServerPropagation: to a route table of its VPC.
    pub fn enable_route_server_propagation(&mut self, caller: &Caller, id: &str, table: &str) -> Result<()> {
        let vpc = self.vpc_of_route_server(caller, id)?;
        if self.route_tables.find(&caller.scope, table)?.vpc != vpc {
            return Err(Error::DifferentNetworks {});
        }
        let server = self.route_servers.find_mut(&caller.scope, id)?;
        let (own, table) = (&mut server.propagations, table.to_owned());
        if own.contains(&table) {
            return Err(Error::RouteServerPropagates { server: id.to_owned(), table });
        }
        own.push(table);
        Ok(())
    }

    /// DisableRouteServerPropagation.
    pub fn disable_route_server_propagation(&mut self, caller: &Caller, id: &str, table: &str) -> Result<()> {
        self.route_tables.find(&caller.scope, table)?;
        let server = self.route_servers.find_mut(&caller.scope, id)?;
        if !server.propagations.iter().any(|own| own == table) {
            return Err(Error::RouteServerNotPropagated { server: id.to_owned() });
        }
        server.propagations.retain(|own| own != table);
        Ok(())
    }
}
