//! Bodies of messages in transit: their progress is noted, and they can be cut off.

use super::relay::LastByte;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// A body.
pub struct Watched<B> {
    body: B,
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

impl<B> Watched<B> {
    /// Watches a body. Each part of it counts as activity.
    pub fn new(body: B, last: Arc<LastByte>) -> Self {
        Watched { body, last, over: None }
    }

    /// Cuts the body off when `over` completes.
    pub fn until(self, over: impl Future<Output = ()> + Send + 'static) -> Self {
        Watched { over: Some(Box::pin(over)), ..self }
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for Watched<B> {
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

/// A request's body. While no target has read any of it, it can be sent to another one.
#[derive(Clone)]
pub struct Kept(Arc<Mutex<Incoming>>);

impl Kept {
    /// Keeps a body.
    pub fn new(body: Incoming) -> Kept {
        Kept(Arc::new(Mutex::new(body)))
    }

    fn body(&self) -> MutexGuard<'_, Incoming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut *self.body()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}
