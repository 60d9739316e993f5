//! The black-box suite: the real binary and the real server, through their public doors.

mod accounts;
mod admin_command;
mod any_text;
mod client;
mod command_line;
mod follows;
mod program;
mod server;
mod sessions;
mod viewer;
