//! Room 4: SQL text becomes a [`ReadOnlySql`], or a [`Refusal`] that says what was refused and where.
//!
//! Pure: it knows the schema, not the database.
