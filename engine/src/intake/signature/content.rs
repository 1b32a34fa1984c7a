//! Whether the signed digest is that of the submitted bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::algorithm::{Digest, SHA256};
use super::cms::Signer;
use super::verdict::{self, Refusal};
use super::{Fault, Signed, Submission};
use crate::intake::error::IntakeError;

/// Bytes read at a time.
const BLOCK: usize = 256 * 1024;

/// Compare.
pub(super) fn check(signer: &Signer<'_>, over: Signed<'_>, submission: &Submission<'_>) -> Result<(), Fault> {
    let digest = Digest::accepted(&signer.digest)?;
    let failed = |error: openssl::error::ErrorStack| Refusal::new(verdict::FORMAT).with(error.to_string());
    match over {
        Signed::Envelope(bytes) => {
            if digest.of(bytes).map_err(failed)? == signer.message_digest {
                return Ok(());
            }
            Err(Refusal::new(verdict::CONTENT).with("envelope").into())
        }
        Signed::File => {
            // What intake read and hashed is what is compared; a file that changed since is another one.
            if signer.digest == SHA256 {
                if hex::encode(signer.message_digest) == submission.file_sha256 {
                    return Ok(());
                }
            } else if again(submission, &digest)? == signer.message_digest {
                return Ok(());
            }
            let verdict = if is_text_mode(signer, submission, &digest)? {
                verdict::LINE_ENDS
            } else {
                verdict::CONTENT
            };
            Err(Refusal::new(verdict).with(submission.file).into())
        }
    }
}

/// Another digest of the same bytes; empty when they are no longer the same.
fn again(submission: &Submission<'_>, digest: &Digest) -> Result<Vec<u8>, Fault> {
    let failed = |error: openssl::error::ErrorStack| Refusal::new(verdict::FORMAT).with(error.to_string());
    let mut hasher = digest.start().map_err(failed)?;
    let mut same = Sha256::new();
    blocks(submission.path, |block| {
        same.update(block);
        hasher.update(block)
    })?;
    if hex::encode(same.finalize()) != submission.file_sha256 {
        return Ok(Vec::new());
    }
    Ok(hasher.finish().map_err(failed)?)
}

/// Whether the digest is that of the file with CRLF, or with LF, at its line ends.
fn is_text_mode(signer: &Signer<'_>, submission: &Submission<'_>, digest: &Digest) -> Result<bool, Fault> {
    let failed = |error: openssl::error::ErrorStack| Refusal::new(verdict::FORMAT).with(error.to_string());
    let (mut crlf, mut lf) = (digest.start().map_err(failed)?, digest.start().map_err(failed)?);
    let mut last = 0;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    blocks(submission.path, |block| {
        with.clear();
        without.clear();
        for byte in block {
            if *byte == b'\n' && last != b'\r' {
                with.push(b'\r');
            }
            with.push(*byte);
            if *byte != b'\r' {
                without.push(*byte);
            }
            last = *byte;
        }
        crlf.update(&with)?;
        lf.update(&without)
    })?;
    let (crlf, lf) = (crlf.finish().map_err(failed)?, lf.finish().map_err(failed)?);
    Ok(crlf == signer.message_digest || lf == signer.message_digest)
}

fn blocks(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), openssl::error::ErrorStack>,
) -> Result<(), Fault> {
    let failed = |source| Fault::Failed(IntakeError::Read { path: path.to_owned(), source });
    let mut file = File::open(path).map_err(failed)?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        take(&block[..read])
            .map_err(|error| Fault::Refused(Refusal::new(verdict::FORMAT).with(error.to_string())))?;
    }
}
