//! The black-box suite: the real binary and the real server, through their public doors.

mod admin_command;
mod any_text;
mod command_line;
mod program;
