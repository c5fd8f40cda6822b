//! How data goes out: REST, identify, admit, serve, meter.
