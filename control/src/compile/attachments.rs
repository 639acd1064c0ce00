//! The attachments of network interfaces.

use model::Model;
use wire::AttachmentId;

/// The attachment of a network interface, if the interface belongs to an instance that is switched on.
pub(super) fn attachment_of(model: &Model, interface: &str) -> Option<AttachmentId> {
    let interface = model.network_interfaces.get(interface)?;
    model.instances.get(interface.instance()?).filter(|instance| instance.has_host())?;
    Some(AttachmentId(interface.number))
}
