//! The program as an operator has it: its commands, its files, its end, and what a crash leaves.

mod admin_command;
mod backup;
mod command_line;
mod crash;
mod crowd;
mod database;
mod descriptors;
mod measured;
mod one_server;
mod readiness;
mod stopping;
