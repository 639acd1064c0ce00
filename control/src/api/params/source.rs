//! Parameters as the source of typed inputs.

use super::{FORM, Params};
use model::{Error, IdKind};
use shapes::{Fault, Member, Result, Source, Value};

impl Source for Params {
    fn name(&self, member: &str) -> String {
        if member.is_empty() { self.path.clone() } else { Params::name(self, member) }
    }

    fn take(&mut self) -> Option<String> {
        self.value.take()
    }

    fn is_blank(&self) -> bool {
        self.below.is_empty() && self.value.as_deref() == Some("")
    }

    fn enter(&mut self, member: &str, read: &mut dyn FnMut(&mut dyn Source) -> Result<()>) -> Result<bool> {
        let Some(mut node) = self.subtree(member) else { return Ok(false) };
        read(&mut node)?;
        node.nothing_left().map_err(fault)?;
        Ok(true)
    }

    fn each(&mut self, list: &str, between: &str, read: &mut dyn FnMut(&mut dyn Source) -> Result<()>) -> Result<bool> {
        if !between.is_empty() {
            let Some(mut node) = self.subtree(list) else { return Ok(false) };
            // Older clients name the items of every list `member`.
            let item = if node.has(between) { between } else { "member" };
            node.each(item, "", read)?;
            node.nothing_left().map_err(fault)?;
            return Ok(true);
        }
        if !self.has(list) {
            return Ok(false);
        }
        for mut item in self.items(list).map_err(fault)? {
            read(&mut item)?;
            item.nothing_left().map_err(fault)?;
        }
        Ok(true)
    }

    fn members(&self) -> Vec<String> {
        let mut names: Vec<String> = self.below.iter().map(|(name, _)| self.part(name).to_owned()).collect();
        names.dedup();
        names
    }

    fn skip(&mut self, member: &str) -> bool {
        self.subtree(member).is_some()
    }

    fn is_id(&self, shape: &str, text: &str) -> bool {
        // Ids in a launch template are checked when it is launched.
        self.path.starts_with(FORM) || IdKind::of_shape(shape).is_none_or(|kind| kind.fits(text))
    }

    fn digest(&self) -> u64 {
        Params::digest(self)
    }
}

impl Params {
    /// Takes `DryRun`.
    ///
    /// # Errors
    /// [`Fault::Invalid`] if its value is not a boolean.
    pub fn dry_run(&mut self) -> Result<bool> {
        let mut dry: Option<bool> = None;
        dry.read(&Member { request: "DryRun", ..Member::PLAIN }, self)?;
        Ok(dry.unwrap_or(false))
    }

    /// Checks that all parameters were taken.
    ///
    /// # Errors
    /// [`Fault::Unknown`].
    pub fn left(&self) -> Result<()> {
        self.nothing_left().map_err(fault)
    }
}

/// A [`Fault`] for an error of the tree, which is always an unknown name.
fn fault(error: Error) -> Fault {
    match error {
        Error::UnknownParameter { name } => Fault::Unknown { name },
        other => Fault::Unknown { name: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::List;

    fn read(form: &str, between: &'static str) -> Result<Vec<String>> {
        let mut params = Params::parse(form).unwrap();
        let mut list: List<String> = List::default();
        let member = Member { request: "Ids", request_item: between, id: "VpcId", ..Member::PLAIN };
        list.read(&member, &mut params)?;
        params.left()?;
        Ok(list.to_vec())
    }

    #[test]
    fn lists_are_numbered_as_in_each_dialect() {
        let (one, two) = ("vpc-11111111", "vpc-22222222");
        assert_eq!(read(&format!("Ids.10={two}&Ids.2={one}"), ""), Ok(vec![one.into(), two.into()]));
        assert_eq!(read(&format!("Ids.member.1={one}&Ids.member.2={two}"), "member"), Ok(vec![one.into(), two.into()]));
        assert_eq!(read(&format!("Ids.member.1={one}"), "VpcId"), Ok(vec![one.into()]));
        assert_eq!(read(&format!("Ids.member.1={one}"), ""), Err(Fault::Unknown { name: "Ids.member.1".into() }));
        assert_eq!(
            read(&format!("Ids.member.1.x={one}"), "member"),
            Err(Fault::Unknown { name: "Ids.member.1.x".into() })
        );
        assert_eq!(read("Ids.1=igw-11111111", ""), Err(Fault::Malformed { shape: "VpcId", id: "igw-11111111".into() }));
        assert_eq!([read("Ids=", ""), read("Ids=", "member")], [Ok(Vec::new()), Ok(Vec::new())]);
    }
}
