//! Bodies of messages in transit: their progress is noted, and they can be cut off.

use super::relay::LastByte;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A body.
pub struct Watched {
    body: Incoming,
    last: Arc<LastByte>,
    over: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It was cut off.
    #[error("the connection was idle for too long, or its target was taken out of service")]
    Over,
    /// Its sender has failed.
    #[error(transparent)]
    Sender(#[from] hyper::Error),
}

impl Watched {
    /// Watches a body. Each part of it counts as activity.
    pub fn new(body: Incoming, last: Arc<LastByte>) -> Watched {
        Watched { body, last, over: None }
    }

    /// Cuts the body off when `over` completes.
    pub fn until(self, over: impl Future<Output = ()> + Send + 'static) -> Watched {
        Watched { over: Some(Box::pin(over)), ..self }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.over.as_mut().is_some_and(|over| over.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(Some(Err(BodyError::Over)));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() {
            self.last.touch();
        }
        frame.map_err(BodyError::Sender)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
