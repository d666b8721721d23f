//! What people taught about columns goes before what the data show.

use super::Knowledge;
use crate::schema::{Schema, SemanticType};

impl Knowledge {
    /// Gives tables and columns the descriptions and meanings that were written down for them.
    pub fn teach(&self, schema: &mut Schema) {
        for table in &self.tables {
            let Some(id) = schema.find_table(&table.name) else { continue };
            if table.description.is_some() {
                schema.tables[id.0].description.clone_from(&table.description);
            }
            for column in &table.columns {
                let Some(column_id) = schema.find_column(id, &column.name) else { continue };
                let target = &mut schema.tables[id.0].columns[column_id.column];
                if column.description.is_some() {
                    target.description.clone_from(&column.description);
                }
                if let Some(semantic) = column.semantic_type.as_deref().and_then(SemanticType::from_name) {
                    target.profile.semantic = semantic;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{ColumnKnowledge, TableKnowledge};
    use crate::schema::{Column, Table};

    #[test]
    fn a_taught_meaning_replaces_the_derived_one() {
        let column = Column { name: "gap".into(), ..Column::default() };
        let mut schema = Schema {
            tables: vec![Table { name: "checks".into(), columns: vec![column], ..Table::default() }],
            ..Schema::default()
        };
        let taught =
            ColumnKnowledge { name: "gap".into(), semantic_type: Some("ratio".into()), ..ColumnKnowledge::default() };
        let table = TableKnowledge {
            name: "checks".into(),
            description: Some("price checks".into()),
            columns: vec![taught],
            ..TableKnowledge::default()
        };
        Knowledge { tables: vec![table], ..Knowledge::default() }.teach(&mut schema);
        assert_eq!(schema.tables[0].columns[0].profile.semantic, SemanticType::Ratio);
        assert_eq!(schema.tables[0].description.as_deref(), Some("price checks"));
    }
}
