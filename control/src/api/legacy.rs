//! Actions that still take their parameters and build their replies by hand, until each has moved to `ec2/`.

use super::action::{Actions, Handler as Erased, Outcome};
use super::xml::Node;
use super::{ACTIONS, Handler};
use crate::model::Result;

/// All of them, as the others are.
pub fn actions() -> Actions {
    ACTIONS.iter().copied().flatten().fold(Actions::default(), |all, (name, handler)| match *handler {
        Handler::Read(look) => {
            all.with(name, Erased::Read(Box::new(move |model, caller, params| members(look(model, caller, params)))))
        }
        Handler::Write(change) => {
            all.with(name, Erased::Write(Box::new(move |model, caller, params| members(change(model, caller, params)))))
        }
    })
}

fn members(reply: Result<Node>) -> Outcome {
    match reply {
        Ok(node) => Ok(Some(node.into_xml())),
        Err(error) => Err(Box::new(error)),
    }
}
