//! Who may proceed: rates and quotas by plan and class, never by name.
