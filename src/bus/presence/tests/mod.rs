//! Who is here, over a real Redis: `LIVEHOUSE_TEST_REDIS_URL` says which.

mod model;
mod nodes;
