//! A connection whose client asks for another protocol: the site answers, and what is said in both directions then goes by here.
//! The HTTP server would keep two buffers of 8 kB for it, however little is said. It must not know what that is.

use super::heads::Checked;
use crate::room::fanout::socket::Connection;
use actix_codec::Framed;
use actix_http::{
    ConnectionType, Payload, Request, Response,
    body::{BoxBody, MessageBody},
    error::PayloadError,
    h1::{Codec, Message},
};
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use actix_web::{
    Error, HttpResponse,
    dev::ServiceResponse,
    web::{Bytes, BytesMut},
};
use futures_util::{FutureExt, Stream, TryFutureExt};
use std::{
    future::poll_fn,
    io, mem,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    time::timeout,
};
use tokio_util::{codec::Encoder, io::poll_read_buf};

/// A request, and its connection as the HTTP server leaves it.
pub(super) type Asked = (Request, Framed<Checked, Codec>);

/// How much is gathered before it is written.
const UNSENT_MAX: usize = 32 * 1024;
/// How much is read at once.
const CHUNK_BYTES: usize = 4096;

/// Lets a site answer those who ask; once one side is through, the client has so long to close.
pub(super) fn upgrades<S>(
    site: S,
    patience: Duration,
) -> impl ServiceFactory<
    Asked,
    Config = (),
    Response = (),
    Error = Error,
    InitError = S::InitError,
    Service: Service<Asked, Future: 'static> + 'static,
    Future: 'static,
>
where
    S: ServiceFactory<Request, Config = (), Response = ServiceResponse, Error = HttpResponse> + 'static,
{
    fn_factory(move || {
        site.new_service(()).map_ok(move |site| {
            let site = Rc::new(site);
            // Boxed: a future in place would add to what each connection of whatever kind takes.
            fn_service(move |asked| carry(&*site, asked, patience).map(Ok).boxed_local())
        })
    })
}

/// Carries what is said in both directions until one side is through. What only the beginning needs is gone by then.
fn carry<S>(site: &S, (mut request, framed): Asked, patience: Duration) -> impl Future<Output = ()> + use<S>
where
    S: Service<Request, Response = ServiceResponse, Error = HttpResponse>,
{
    let parts = framed.into_parts();
    let heard = Heard::new(parts.io.connection().clone(), parts.read_buf);
    *request.payload() = Payload::Stream { payload: Box::pin(heard) };
    let mut upgraded = Upgraded { io: parts.io, codec: parts.codec, unsent: parts.write_buf };
    let answered = site.call(request);
    async move {
        let answer = answered.await.map_or_else(Response::from, Response::from);
        match upgraded.answer(answer).await {
            Ok(()) => upgraded.linger(patience).await,
            Err(error) => log::debug!("an upgraded connection ends: {error}"),
        }
    }
}

struct Upgraded {
    io: Checked,
    codec: Codec,
    /// What comes next on the socket; nothing is allocated for it while there is nothing.
    unsent: BytesMut,
}

impl Upgraded {
    /// Sends all of an answer. One that declines the upgrade is the last on this connection.
    async fn answer(&mut self, answer: Response<BoxBody>) -> io::Result<()> {
        let (mut head, body) = answer.into_parts();
        if !head.upgrade() {
            head.head_mut().set_connection_type(ConnectionType::Close);
        }
        self.codec.encode(Message::Item((head, body.size())), &mut self.unsent)?;
        let mut body = pin!(body);
        while poll_fn(|cx| self.poll_gather(body.as_mut(), cx)).await? {
            self.send().await?;
        }
        self.send().await
    }

    /// Takes what the body has, up to a limit; pending while there is nothing to be sent. False once it has ended.
    fn poll_gather(&mut self, mut body: Pin<&mut BoxBody>, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.unsent.len() < UNSENT_MAX {
            match body.as_mut().poll_next(cx) {
                Poll::Ready(Some(chunk)) => {
                    let chunk = chunk.map_err(|error| io::Error::other(error.to_string()))?;
                    self.codec.encode(Message::Chunk(Some(chunk)), &mut self.unsent)?;
                }
                Poll::Ready(None) => {
                    self.codec.encode(Message::Chunk(None), &mut self.unsent)?;
                    return Poll::Ready(Ok(false));
                }
                Poll::Pending if self.unsent.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(true))
    }

    async fn send(&mut self) -> io::Result<()> {
        let unsent = mem::take(&mut self.unsent);
        self.io.write_all(&unsent).await?;
        self.io.flush().await
    }

    /// Says that nothing more comes, and reads what the client still sends: were the connection closed before, the client
    /// might lose what was said last.
    async fn linger(&mut self, patience: Duration) {
        let closed = async {
            self.io.shutdown().await?;
            copy(&mut self.io, &mut sink()).await
        };
        if let Ok(Err(error)) = timeout(patience, closed).await {
            log::debug!("an upgraded connection breaks at its end: {error}");
        }
    }
}

/// What a client says once it has asked, read when somebody wants it; no buffer waits for what may come.
struct Heard {
    connection: Connection,
    /// What came together with the request.
    first: Bytes,
}

impl Heard {
    fn new(connection: Connection, first: BytesMut) -> Self {
        // Copied, for the buffer around it is large.
        Self { connection, first: Bytes::copy_from_slice(&first) }
    }
}

impl Stream for Heard {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(mem::take(&mut self.first))));
        }
        ready!(self.connection.socket().poll_read_ready(cx))?;
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        match ready!(poll_read_buf(Pin::new(&mut self.connection), cx, &mut chunk))? {
            0 => Poll::Ready(None),
            _ => Poll::Ready(Some(Ok(chunk.freeze()))),
        }
    }
}
