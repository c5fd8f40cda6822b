//! Pages for people: citizens, developers, agencies.
