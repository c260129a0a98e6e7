//! The number of the request being answered: one for the log line, the header,
//! the problem and the events of the request. Set by the outermost layer of
//! the server; a part that runs outside of a request makes its own.

use std::future::Future;
use uuid::Uuid;

tokio::task_local! {
    static REQUEST_ID: Uuid;
}

/// Runs the rest of a request under its number.
pub async fn with_id<F: Future>(id: Uuid, rest: F) -> F::Output {
    REQUEST_ID.scope(id, rest).await
}

/// The number of the request being answered, or a fresh one outside of any.
pub fn current_id() -> Uuid {
    REQUEST_ID
        .try_with(|id| *id)
        .unwrap_or_else(|_| Uuid::now_v7())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_part_of_a_request_sees_the_same_number() {
        let id = Uuid::now_v7();
        assert_eq!(with_id(id, async { current_id() }).await, id);
        assert_ne!(current_id(), id);
    }
}
