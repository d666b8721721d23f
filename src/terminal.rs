//! Makes untrusted text safe to print.
