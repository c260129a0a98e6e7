//! The stream of notices (server-sent events). It looks at the inbox every few
//! seconds and says its counts when they have changed; it ends with the session,
//! with the server, or when the page goes away. Nothing is decided here.

use crate::task::inbox::{counts, inbox};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_kernel::error::Result;
use zf_kernel::user::session::session_lives;
use zf_web::{Access, Api, Caller, WebState};

/// How often the stream asks whether it shall end.
const STEP: Duration = Duration::from_millis(500);
/// Steps between two looks at the inbox.
const STEPS_OF_A_LOOK: u32 = 10;

/// Adds the operation.
pub fn api(api: Api) -> Api {
    api.op(Access::Own, routes!(notice_stream))
}

/// How much waits; the data of an event named `inbox`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notice {
    /// Entries of the inbox.
    count: i64,
    /// Whose time is over.
    late: i64,
}

/// A stream in progress.
struct Watch {
    state: WebState,
    caller: Caller,
    said: Option<Notice>,
    steps: u32,
}

impl Watch {
    /// The notice of now; none when the session is over.
    async fn look(&mut self) -> Result<Option<Notice>> {
        let app = &self.state.app;
        self.caller.ctx.now = app.now();
        if !session_lives(app, self.caller.session.id, self.caller.ctx.now).await? {
            return Ok(None);
        }
        let n = counts(&inbox(app, &self.caller.ctx).await?, self.caller.ctx.now);
        Ok(Some(Notice {
            count: n.all,
            late: n.late,
        }))
    }

    /// The next change; none at the end.
    async fn next(&mut self) -> Option<Notice> {
        loop {
            if self.state.stopping.load(Ordering::Relaxed) {
                return None;
            }
            if self.steps == 0 {
                self.steps = STEPS_OF_A_LOOK;
                // A database that is busy now may answer the next time; the page asks again.
                let now = self.look().await.ok().flatten()?;
                if self.said.as_ref() != Some(&now) {
                    self.said = Some(now.clone());
                    return Some(now);
                }
            }
            self.steps -= 1;
            tokio::time::sleep(STEP).await;
        }
    }
}

fn event(notice: &Notice) -> Event {
    let data = serde_json::to_string(notice).unwrap_or_default();
    Event::default().event("inbox").data(data)
}

/// What waits in the caller's inbox, told whenever it changes.
#[utoipa::path(get, path = "/api/v1/me/notices", operation_id = "notice_stream",
    responses((status = 200, content_type = "text/event-stream", body = Notice)))]
async fn notice_stream(
    State(state): State<WebState>,
    caller: Caller,
) -> Sse<impl Stream<Item = std::result::Result<Event, Infallible>>> {
    let watch = Watch {
        state,
        caller,
        said: None,
        steps: 0,
    };
    let stream = futures_util::stream::unfold(watch, |mut watch| async move {
        let notice = watch.next().await?;
        Some((Ok(event(&notice)), watch))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}
