//! All comments of a stream in one file, in their order, read and sent page by page.
//! It must not hold more than a page in memory, whatever the stream.

use super::danmaku;
use crate::{
    domain::{Seq, StreamId, stream::words},
    http::{
        Answer, Services,
        extract::{Caller, Path, Query},
    },
    store::{
        self, Store,
        comments::{self, Filter, Order},
    },
    wire::view::CommentView,
};
use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Deserialize;
use utoipa::IntoParams;

/// Comments read and sent at once.
const PAGE: usize = 500;

words! {
    /// What kind of file.
    pub(crate) Format {
        /// One JSON object a line.
        Ndjson = "ndjson",
        /// Danmaku XML, for players.
        Xml = "xml",
    }
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Format::Ndjson => "application/x-ndjson; charset=utf-8",
            Format::Xml => "application/xml; charset=utf-8",
        }
    }

    fn line(self, comment: &CommentView) -> String {
        match self {
            Format::Ndjson => serde_json::to_string(comment).expect("views have string keys") + "\n",
            Format::Xml => danmaku::line(comment),
        }
    }
}

/// Which file is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `ndjson` where nothing is said.
    format: Option<Format>,
}

/// All comments of a stream, in their order.
#[utoipa::path(get, operation_id = "exportComments", path = "/api/v1/streams/{id}/comments/export", tag = "comments", params(("id" = StreamId, Path), ExportQuery),
    responses((status = 200, description = "A file: a comment a line, or danmaku XML", content(
        (String = "application/x-ndjson"),
        (String = "application/xml"),
    ))))]
pub(crate) async fn export(
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<ExportQuery>,
) -> Answer {
    let (id, format) = (id.0, wanted.0.format.unwrap_or(Format::Ndjson));
    services.streams.read_as(id, caller.in_room(), |_, _| Ok(())).await?;
    let file_name = format!("attachment; filename=\"comments-{id}.{format}\"");
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, file_name))
        .streaming(file(services.store.clone(), id, format)))
}

/// What is sent next.
#[derive(Clone, Copy)]
enum Next {
    Head,
    After(Option<Seq>),
    Nothing,
}

fn file(store: Store, id: StreamId, format: Format) -> impl Stream<Item = Result<Bytes, store::Error>> {
    stream::try_unfold(Next::Head, move |next| {
        let store = store.clone();
        async move {
            Ok(match next {
                Next::Head => Some((head(id, format), Next::After(None))),
                Next::After(after) => Some(page(&store, id, format, after).await?),
                Next::Nothing => None,
            })
        }
    })
}

fn head(id: StreamId, format: Format) -> Bytes {
    match format {
        Format::Ndjson => Bytes::new(),
        Format::Xml => danmaku::head(id).into(),
    }
}

async fn page(
    store: &Store,
    id: StreamId,
    format: Format,
    after: Option<Seq>,
) -> store::Result<(Bytes, Next)> {
    let filter = Filter { order: Order::Asc, ..Filter::default() };
    let page = store.read(move |conn| comments::list(conn, id, &filter, after, PAGE)).await?;
    let mut lines: String =
        page.items.into_iter().map(|comment| format.line(&CommentView::from(comment))).collect();
    if page.next.is_some() {
        return Ok((lines.into(), Next::After(page.next)));
    }
    if format == Format::Xml {
        lines.push_str(danmaku::TAIL);
    }
    Ok((lines.into(), Next::Nothing))
}
