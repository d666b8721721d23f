//! Room 2: an analysis becomes a context: tables, columns, examples and rules, each scored and with its reason.
