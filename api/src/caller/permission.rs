//! What an account may do, as types.

use fairground_catalog::account::{Account, Role};

/// Something that some roles may do. Whose things they may do it to is judged with the thing at hand.
pub trait Permission: 'static {
    /// Whom to ask when one has not got it.
    const ASK: &'static str;
    /// Whether those have it too who manage a publisher by a grant or a delegation, whatever their account's own role is.
    const BY_GRANT: bool;

    /// Whether an account has it.
    fn allows(account: &Account) -> bool;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+ $(+ $by_grant:ident)?, $ask:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl Permission for $name {
            const ASK: &'static str = $ask;
            const BY_GRANT: bool = permissions!(@by_grant $($by_grant)?);

            fn allows(account: &Account) -> bool {
                matches!(account.role, $(Role::$role)|+)
            }
        }
    )*};
    (@by_grant) => { false };
    (@by_grant managers) => { true };
}

permissions! {
    /// To be signed in is enough.
    SignedInOnly: Operator | Steward | Publisher | Developer | Auditor, "";
    /// Sees sources, jobs and records of the own bodies.
    SeeHarvests: Operator | Steward | Publisher | Auditor + managers, "It is for agency staff.";
    /// Lets proposed sources be harvested.
    ApproveSources: Operator, "Ask an operator of the portal.";
    /// Proposes and starts harvests of the own bodies.
    RunSources: Operator | Steward | Publisher + managers, "It is for agency staff.";
    /// Loads tables of the own body past drafts and reviewers.
    LoadTables: Operator | Steward | Publisher, "It is for agency staff.";
    /// Adds and changes sources of the own bodies.
    ManageSources: Operator | Steward + managers, "Ask a manager of the publisher, or an operator.";
    /// Lets a braked harvest go on, or stops one.
    ApproveJobs: Operator | Steward + managers, "Ask a manager of the publisher, or an operator.";
    /// Sees what is asked for and not found.
    SeeDemand: Operator | Steward | Publisher | Auditor, "It is for agency staff.";
    /// Registers and changes services of the own body.
    RegisterServices: Operator | Steward | Publisher, "";
    /// Approves services of all bodies.
    ApproveServices: Operator, "Ask an operator of the portal.";
    /// Makes and lists accounts.
    ManageAccounts: Operator, "Ask an operator of the portal.";
    /// Announces tariffs and keeps the public register.
    GovernMarket: Operator, "Ask an operator of the portal.";
}
