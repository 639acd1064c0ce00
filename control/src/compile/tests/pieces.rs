//! Piece by piece gives what compiling the whole gives, and the dataplane takes every piece.

use super::{BEGINNING, events, happen};
use crate::compile::Compiler;
use crate::model::{Model, Resource};
use dataplane::policy::Snapshot;
use proptest::prelude::*;
use wire::Update;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn piece_by_piece_is_as_the_whole(events in events(80)) {
        let mut model = Model::new(1);
        let (mut compiler, mut tables) = Compiler::whole(&model);
        let whole = Update { version: 0, whole: true, changes: tables.whole() };
        let mut snapshot = Snapshot::empty().apply(&whole).unwrap();
        for event in BEGINNING.iter().copied().chain(events) {
            happen(&mut model, event);
            let changes = model.take_changes();
            let publish = compiler.update(&model, &changes, &tables);
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
    let undo = tables.apply(&compiler.update(&model, &changes, &tables));
    assert_ne!(tables, before);
    model.revert(changes.clone());
    tables.apply(&undo);
    assert_eq!(tables, before);
    assert!(compiler.update(&model, &changes, &tables).is_empty());
    assert_eq!(model.vpcs.iter().next().map(|vpc| vpc.tags().len()), Some(0));
}
