//! Signatures of heads, good and bad, by an authority that the tests make with the `openssl` tool.

mod der;
mod envelopes;
mod files;
mod judge;
mod pki;
mod program;
mod queue;
