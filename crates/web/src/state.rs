//! The state behind every handler: the installation, facts about it that pages
//! show, and the switch that only the mutation test of the permissions uses.
//! Made once by the server at start.

use crate::auth::SignedIn;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use zf_kernel::App;

/// Which check of which operation is left out, so that a test can show that
/// the permission sweep notices. Never set outside of that test.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// Operation id, e.g. `customer_list`.
    pub operation: String,
    /// The check that is left out.
    pub check: Check,
    /// As whom somebody passes who is not signed in, when [`Check::SignedIn`]
    /// is left out; without it a handler has nobody to act for.
    pub stand_in: Option<SignedIn>,
}

/// The checks an operation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Somebody is signed in.
    SignedIn,
    /// The role allows it.
    Permission,
    /// The unit is in the caller's subtree.
    Scope,
}

/// Facts about the installation.
#[derive(Clone, Debug)]
pub struct Info {
    /// Version of the product.
    pub version: String,
    /// Name of the bank, shown beside the product's.
    pub bank_name: String,
    /// Demo database: sign-ins of the demo are shown on the sign-in page.
    pub demo: bool,
    /// Cookies are marked `Secure`: the server speaks TLS or sits behind a gateway that does.
    pub secure_cookies: bool,
    /// The address of the caller is taken from this header of a trusted gateway.
    pub address_header: Option<String>,
}

/// Shared state of all handlers. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    /// The installation.
    pub app: App,
    /// Facts about it.
    pub info: Arc<Info>,
    /// See [`Mutation`].
    pub mutation: Option<Arc<Mutation>>,
    /// Set when the server stops: answers that never end must end then.
    pub stopping: Arc<AtomicBool>,
}

impl WebState {
    /// Puts the state together.
    pub fn new(app: App, info: Info) -> WebState {
        WebState {
            app,
            info: Arc::new(info),
            mutation: None,
            stopping: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Who an anonymous caller of this operation passes as: nobody, outside of
    /// the mutation test.
    pub(crate) fn stand_in(&self, operation: &str) -> Option<&SignedIn> {
        let mutation = self.mutation.as_ref()?;
        let left_out = self.left_out(operation, Check::SignedIn);
        mutation.stand_in.as_ref().filter(|_| left_out)
    }

    /// Is this check left out for this operation?
    pub(crate) fn left_out(&self, operation: &str, check: Check) -> bool {
        self.mutation
            .as_ref()
            .is_some_and(|m| m.check == check && m.operation == operation)
    }
}
