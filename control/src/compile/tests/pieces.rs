//! Incremental compilation equals whole compilation, and the dataplane accepts every increment.

use super::{BEGINNING, events, happen};
use crate::api::{Call, Request};
use crate::compile::{Compiler, Subject};
use dataplane::policy::Snapshot;
use model::{Model, Resource, Time};
use proptest::prelude::*;
use std::collections::BTreeSet;
use wire::Update;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn compiling_changes_gives_the_tables_of_the_whole_model(events in events(80)) {
        let mut model = Model::new(1);
        let (mut compiler, mut tables) = Compiler::whole(&model);
        let whole = Update { version: 0, whole: true, changes: tables.whole() };
        let mut snapshot = Snapshot::empty().apply(&whole).unwrap();
        for event in BEGINNING.iter().copied().chain(events) {
            happen(&mut model, event);
            let changes = model.take_changes();
            let concerned = compiler.concerned(&model, &changes);
            let publish = compiler.update(&model, concerned, &tables);
            tables.apply(&publish);
            let update = Update { version: 0, whole: false, changes: publish };
            match snapshot.apply(&update) {
                Ok(next) => snapshot = next,
                Err(refusal) => prop_assert!(false, "after {:?}: {}: {:?}", event, refusal, update),
            }
            prop_assert_eq!(&tables, &Compiler::whole(&model).1, "after {:?}", event);
        }
    }
}

#[test]
fn a_change_taken_back_leaves_no_trace() {
    let mut model = Model::new(1);
    happen(&mut model, (2, 0, 0));
    happen(&mut model, (18, 0, 0));
    model.take_changes();
    let (mut compiler, mut tables) = Compiler::whole(&model);
    let before = tables.clone();
    assert!(happen(&mut model, (4, 0, 0)) && !model.subnets.is_empty());
    let changes = model.take_changes();
    let concerned = compiler.concerned(&model, &changes);
    let undo = tables.apply(&compiler.update(&model, concerned, &tables));
    assert_ne!(tables, before);
    let concerned = compiler.concerned(&model, &changes);
    model.revert(changes);
    tables.apply(&undo);
    assert_eq!(tables, before);
    assert!(compiler.update(&model, concerned, &tables).is_empty());
    assert_eq!(tables, Compiler::whole(&model).1);
    assert_eq!(model.vpcs.iter().next().map(|vpc| vpc.tags().len()), Some(0));
}

/// A change recompiles only what has read it: a rule does not touch the members of its group, however many there
/// are.
#[test]
fn a_change_recompiles_what_has_read_it_and_nothing_else() {
    let mut model = Model::new(1);
    for event in BEGINNING.iter().copied() {
        happen(&mut model, event);
    }
    ask(&mut model, "Action=RunInstances&ImageId=ami-12345678&InstanceType=m1.small&MinCount=5&MaxCount=5");
    model.take_changes();
    let (compiler, _) = Compiler::whole(&model);
    let member = model.instances.iter().find(|instance| instance.classic().is_some()).unwrap();
    let (id, group) = (member.id.clone(), member.classic().unwrap().groups[0].clone());

    let rule = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=7\
         &IpPermissions.1.ToPort=7&IpPermissions.1.IpRanges.1.CidrIp=198.51.100.0/24"
    );
    assert_eq!(concerned(&mut model, &compiler, &rule), [Subject::Group(group)].into());
    let tag = format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=colour&Tag.1.Value=red");
    assert_eq!(concerned(&mut model, &compiler, &tag), [Subject::Instance(id)].into());
}

/// A network interface with a public address and a route to a NAT gateway follow what is blocked, and what is excluded.
#[test]
fn a_block_of_public_access_is_compiled_piece_by_piece() {
    let mut model = Model::new(1);
    for event in [(2, 0, 0), (4, 0, 0), (25, 0, 0), (26, 0, 0), (37, 0, 0), (39, 0, 0), (41, 0, 0), (73, 0, 0)] {
        assert!(happen(&mut model, event), "{event:?}");
    }
    model.take_changes();
    let (mut compiler, mut tables) = Compiler::whole(&model);
    let mut follows = |model: &mut Model, form: &str| {
        let concerned = concerned(model, &compiler, form);
        let publish = compiler.update(model, concerned, &tables);
        assert!(!publish.is_empty(), "{form}");
        tables.apply(&publish);
        assert_eq!(tables, Compiler::whole(model).1, "{form}");
    };
    let block = "Action=ModifyVpcBlockPublicAccessOptions&InternetGatewayBlockMode";
    follows(&mut model, &format!("{block}=block-bidirectional"));
    let subnet = model.subnets.iter().next().unwrap().id.clone();
    let mode = "InternetGatewayExclusionMode";
    follows(&mut model, &format!("Action=CreateVpcBlockPublicAccessExclusion&SubnetId={subnet}&{mode}=allow-egress"));
    let exclusion = format!("ExclusionId={}", model.block_exclusions.iter().next().unwrap().id);
    let modify = "Action=ModifyVpcBlockPublicAccessExclusion";
    follows(&mut model, &format!("{modify}&{exclusion}&{mode}=allow-bidirectional"));
    follows(&mut model, &format!("Action=DeleteVpcBlockPublicAccessExclusion&{exclusion}"));
    follows(&mut model, &format!("{block}=off"));
}

fn ask(model: &mut Model, form: &str) {
    Request::parse(&Call { path: "/", form, ..Call::default() }, Time(0)).unwrap().write(model).unwrap();
}

fn concerned(model: &mut Model, compiler: &Compiler, form: &str) -> BTreeSet<Subject> {
    ask(model, form);
    let changes = model.take_changes();
    compiler.concerned(model, &changes)
}
