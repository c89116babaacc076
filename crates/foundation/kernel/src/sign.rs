//! SM2 signatures (GB/T 32918.2-2016) over tree heads, so that a journal cannot be rewritten unnoticed.
//!
//! Signing needs no randomness: the crate derives `k` from key and message (RFC 6979 with SM3), so one tree head has one
//! signature, and a poor random source cannot give the key away.

use crate::{Code, Entropy, Error, Instant, TenantId, merkle};
use merkle::{Hash, TreeHash};
use serde::{Deserialize, Serialize};
use sm2::{
    dsa::signature::{Signer, Verifier},
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};

/// The distinguishing identifier that is usual where none is agreed on (GM/T 0009-2012 §10).
pub const DEFAULT_USER_ID: &str = "1234567812345678";

/// Why a key or a signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignError {
    /// Not a PEM or hexadecimal SM2 key.
    Key,
    /// The tree head names another key.
    OtherKey,
    /// The signature does not fit key and message.
    Signature,
}

pub const BAD_KEY: Code = Code::invalid("journal.key");
pub const OTHER_KEY: Code = Code::invalid("journal.other_key");
pub const BAD_SIGNATURE: Code = Code::invalid("journal.signature");

impl From<SignError> for Error {
    fn from(error: SignError) -> Error {
        match error {
            SignError::Key => BAD_KEY.err(),
            SignError::OtherKey => OTHER_KEY.err(),
            SignError::Signature => BAD_SIGNATURE.err(),
        }
    }
}

impl std::fmt::Display for SignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Error::from(*self))
    }
}

impl std::error::Error for SignError {}

/// Names a public key: the first 8 bytes of SM3 over its 65 uncompressed bytes, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `r` and `s`, 32 bytes each, big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SignError> {
        bytes.try_into().map(Signature).map_err(|_| SignError::Signature)
    }
}

/// An installation's private key. Never printed, never in a backup.
pub struct SigningKey {
    secret: sm2::SecretKey,
    signing: sm2::dsa::SigningKey,
    verifying: VerifyingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.verifying.id)
    }
}

impl SigningKey {
    pub fn generate(entropy: &Entropy) -> Self {
        loop {
            // All but one in 2^32 candidates are below the group's order; the others are drawn again.
            if let Ok(key) = Self::from_bytes(&entropy.bytes::<32>()) {
                return key;
            }
        }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SignError> {
        sm2::SecretKey::from_slice(bytes).map_err(|_| SignError::Key).and_then(Self::from_secret)
    }

    fn from_secret(secret: sm2::SecretKey) -> Result<Self, SignError> {
        let signing = sm2::dsa::SigningKey::new(DEFAULT_USER_ID, &secret).map_err(|_| SignError::Key)?;
        let verifying = VerifyingKey::from_public(secret.public_key())?;
        Ok(SigningKey { secret, signing, verifying })
    }

    /// Reads a key file: PKCS#8 PEM, or 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return text.parse::<sm2::SecretKey>().map_err(|_| SignError::Key).and_then(Self::from_secret);
        }
        hex::decode(text).map_err(|_| SignError::Key).and_then(|bytes| Self::from_bytes(&bytes))
    }

    /// The key file's text, PKCS#8 PEM, as other tools read it.
    pub fn to_pem(&self) -> Result<String, SignError> {
        let pem = self.secret.to_pkcs8_pem(LineEnding::LF).map_err(|_| SignError::Key)?;
        Ok(pem.as_str().to_owned())
    }

    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }
    pub fn id(&self) -> &KeyId {
        &self.verifying.id
    }

    /// The same message always has the same signature.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: sm2::dsa::Signature = self.signing.try_sign(message).map_err(|_| SignError::Signature)?;
        Ok(Signature(signature.to_bytes().into()))
    }

    pub fn sign_head(&self, head: TreeHead) -> Result<SignedTreeHead, SignError> {
        Ok(SignedTreeHead { signature: self.sign(&head.to_bytes())?, key_id: self.id().clone(), head })
    }
}

/// The public half, for whoever checks.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    public: sm2::PublicKey,
    verifying: sm2::dsa::VerifyingKey,
    id: KeyId,
}

impl VerifyingKey {
    fn from_public(public: sm2::PublicKey) -> Result<Self, SignError> {
        let verifying = sm2::dsa::VerifyingKey::new(DEFAULT_USER_ID, public).map_err(|_| SignError::Key)?;
        let digest = merkle::Sm3::digest(&[public.to_sec1_point(false).as_bytes()]);
        Ok(VerifyingKey { public, verifying, id: KeyId(hex::encode(&digest[..8])) })
    }

    /// Reads a public key: SPKI PEM, or the point in hexadecimal (`04…`, 130 digits; compressed also).
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let text = text.trim();
        let public = if text.starts_with("-----BEGIN") {
            text.parse::<sm2::PublicKey>().map_err(|_| SignError::Key)?
        } else {
            let bytes = hex::decode(text).map_err(|_| SignError::Key)?;
            sm2::PublicKey::from_sec1_bytes(&bytes).map_err(|_| SignError::Key)?
        };
        Self::from_public(public)
    }

    pub fn to_pem(&self) -> Result<String, SignError> {
        self.public.to_public_key_pem(LineEnding::LF).map_err(|_| SignError::Key)
    }
    /// The uncompressed point, 130 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.public.to_sec1_point(false).as_bytes())
    }
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignError> {
        let signature = sm2::dsa::Signature::from_slice(&signature.0).map_err(|_| SignError::Signature)?;
        self.verifying.verify(message, &signature).map_err(|_| SignError::Signature)
    }
}

/// What is signed: a journal's size and root at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    pub tenant: TenantId,
    pub size: u64,
    pub root: Hash,
    pub sealed_at: Instant,
}

impl TreeHead {
    const LABEL: &[u8] = b"xiuhua tree head 1\n";

    /// The signed bytes: the label `xiuhua tree head 1` and a line feed, then tenant, size and instant (microseconds
    /// since 1970 UTC) in 8 bytes each, big-endian, then the root's 32 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        [Self::LABEL, &self.tenant.0.to_be_bytes(), &self.size.to_be_bytes(), &self.sealed_at.micros().to_be_bytes(), &self.root].concat()
    }
}

/// A tree head, who signed it, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTreeHead {
    pub head: TreeHead,
    pub key_id: KeyId,
    pub signature: Signature,
}

impl SignedTreeHead {
    /// Errors: `OtherKey` when another key signed it, `Signature` when head or signature were changed.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), SignError> {
        if self.key_id != *key.id() {
            return Err(SignError::OtherKey);
        }
        key.verify(&self.head.to_bytes(), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GB/T 32918.5-2017, annex A.2: the key pair, and the signature of "message digest" with the usual identifier.
    const SECRET: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
    const PUBLIC: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                          ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    const SIGNATURE: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                             b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

    #[test]
    fn the_standards_signature_is_accepted() {
        let key = VerifyingKey::parse(PUBLIC).unwrap();
        let signature = Signature::from_slice(&hex::decode(SIGNATURE).unwrap()).unwrap();
        assert_eq!(key.verify(b"message digest", &signature), Ok(()));
        assert_eq!(key.verify(b"message digest.", &signature), Err(SignError::Signature));
        assert_eq!(SigningKey::parse(SECRET).unwrap().verifying_key().to_hex(), PUBLIC);
    }

    #[test]
    fn keys_survive_their_files() {
        let key = SigningKey::generate(&Entropy::seeded(7));
        let again = SigningKey::parse(&key.to_pem().unwrap()).unwrap();
        assert_eq!(key.id(), again.id());
        assert_eq!(key.sign(b"x").unwrap(), again.sign(b"x").unwrap());
        let public = VerifyingKey::parse(&key.verifying_key().to_pem().unwrap()).unwrap();
        assert_eq!(public.id(), key.id());
        assert_eq!(VerifyingKey::parse(&public.to_hex()).unwrap().id(), key.id());
        assert_eq!(key.id().0.len(), 16);
        for bad in ["", "00", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", &"ff".repeat(32), &"00".repeat(32)] {
            assert_eq!(SigningKey::parse(bad).err(), Some(SignError::Key), "{bad}");
        }
        assert_eq!(VerifyingKey::parse(&format!("04{}", "01".repeat(64))).err(), Some(SignError::Key), "not on the curve");
    }

    #[test]
    fn the_private_key_is_not_printed() {
        let key = SigningKey::parse(SECRET).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.id()));
    }

    #[test]
    fn a_changed_head_is_noticed() {
        let (key, other) = (SigningKey::generate(&Entropy::seeded(1)), SigningKey::generate(&Entropy::seeded(2)));
        let head = TreeHead { tenant: TenantId(3), size: 1380, root: [7; 32], sealed_at: Instant(1_770_000_000_000_000) };
        let signed = key.sign_head(head).unwrap();
        assert_eq!(signed, key.sign_head(head).unwrap());
        assert_eq!(signed.verify(key.verifying_key()), Ok(()));
        assert_eq!(signed.verify(other.verifying_key()), Err(SignError::OtherKey));
        let changes: [fn(&mut SignedTreeHead); 6] = [
            |signed| signed.head.tenant = TenantId(4),
            |signed| signed.head.size = 1381,
            |signed| signed.head.root[31] ^= 1,
            |signed| signed.head.sealed_at = signed.head.sealed_at.plus_seconds(1),
            |signed| signed.signature.0[5] ^= 1,
            |signed| signed.signature.0 = [0; 64],
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = signed.clone();
            change(&mut changed);
            assert_eq!(changed.verify(key.verifying_key()), Err(SignError::Signature), "change {index}");
        }
        let mut renamed = other.sign_head(head).unwrap();
        renamed.key_id = key.id().clone();
        assert_eq!(renamed.verify(key.verifying_key()), Err(SignError::Signature));
    }
}
