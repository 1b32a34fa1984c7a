//! Who sees what: two worlds that a caller cannot tell apart, refusals, visibility, accounts through the program.

mod roles;
mod statements;
mod two_worlds;
mod users;
mod worlds;
