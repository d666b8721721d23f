//! Any sentence model in a folder, run by ONNX Runtime, which must be installed.
//!
//! The folder holds `model.onnx`, `tokenizer.json`, `config.json`, `special_tokens_map.json` and
//! `tokenizer_config.json`, as published models do. Vectors are means over the pieces of a text.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fastembed::{InitOptionsUserDefined, Pooling, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel};

use super::{BATCH, EmbeddingError, MAX_PIECES, normalise};

pub struct OnnxRuntime {
    model: Mutex<TextEmbedding>,
}

impl OnnxRuntime {
    /// Loads the model from a folder. The library may lie beside it; otherwise the system's own is used.
    pub fn load(folder: &str) -> Result<Self, EmbeddingError> {
        let path = Path::new(folder);
        if !path.is_dir() {
            return Err(EmbeddingError::UnknownModel { name: folder.to_owned() });
        }
        let read = |name: &str| {
            fs::read(path.join(name)).map_err(|e| EmbeddingError::Load(format!("{}: {e}", path.join(name).display())))
        };
        let files = TokenizerFiles {
            tokenizer_file: read("tokenizer.json")?,
            config_file: read("config.json")?,
            special_tokens_map_file: read("special_tokens_map.json")?,
            tokenizer_config_file: read("tokenizer_config.json")?,
        };
        let model = UserDefinedEmbeddingModel::new(read("model.onnx")?, files).with_pooling(Pooling::Mean);
        // Asked for first: without the library everything else of this crate panics.
        load_library(path)?;
        let options = InitOptionsUserDefined::new().with_max_length(MAX_PIECES);
        let model = TextEmbedding::try_new_from_user_defined(model, options)
            .map_err(|e| EmbeddingError::Load(e.to_string()))?;
        Ok(Self { model: Mutex::new(model) })
    }

    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let vectors = model.embed(texts, Some(BATCH)).map_err(|e| EmbeddingError::Run(e.to_string()))?;
        Ok(vectors.into_iter().map(normalise).collect())
    }
}

fn load_library(folder: &Path) -> Result<(), EmbeddingError> {
    let name = format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}");
    let beside = folder.join(&name);
    let library = if beside.is_file() { beside } else { name.into() };
    ort::init_from(&library).map(drop).map_err(|e| {
        EmbeddingError::Load(format!(
            "ONNX Runtime cannot be loaded from {} ({e}); install it, or put the library into the model's folder",
            library.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_a_missing_library_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let load = || match OnnxRuntime::load(&folder.path().display().to_string()) {
            Ok(_) => panic!("loaded a model that does not exist"),
            Err(e) => e.to_string(),
        };
        assert!(load().contains("tokenizer.json"));
        for name in ["model.onnx", "tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"]
        {
            fs::write(folder.path().join(name), "{}").unwrap();
        }
        // With a library beside it that is none, whatever the system has installed.
        fs::write(folder.path().join(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}")), "no library").unwrap();
        assert!(load().contains("ONNX Runtime cannot be loaded"), "{}", load());
    }
}
