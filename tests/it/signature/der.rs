//! DER as a tree that can be changed, and signatures that are signed again after it.

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

/// An element.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    pub tag: u8,
    pub value: Vec<u8>,
    pub parts: Vec<Node>,
}

impl Node {
    /// The elements of these bytes, one after another.
    fn all(mut bytes: &[u8]) -> Vec<Node> {
        let mut nodes = Vec::new();
        while let [tag, first, rest @ ..] = bytes {
            let (length, rest) = if *first < 0x80 {
                (usize::from(*first), rest)
            } else {
                let (size, rest) = rest.split_at(usize::from(first & 0x7f));
                (size.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            };
            let (value, after) = rest.split_at(length);
            let is_open = tag & 0x20 != 0;
            nodes.push(Node {
                tag: *tag,
                value: if is_open { Vec::new() } else { value.to_vec() },
                parts: if is_open { Node::all(value) } else { Vec::new() },
            });
            bytes = after;
        }
        nodes
    }

    pub fn read(bytes: &[u8]) -> Node {
        Node::all(bytes).into_iter().next().unwrap()
    }

    pub fn leaf(tag: u8, value: &[u8]) -> Node {
        Node { tag, value: value.to_vec(), parts: Vec::new() }
    }

    pub fn of(tag: u8, parts: Vec<Node>) -> Node {
        Node { tag, value: Vec::new(), parts }
    }

    pub fn oid(text: &str) -> Node {
        let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap()).collect();
        let mut value = Vec::new();
        for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
            let mut digits = vec![u8::try_from(arc & 0x7f).unwrap()];
            let mut rest = arc >> 7;
            while rest > 0 {
                digits.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
                rest >>= 7;
            }
            value.extend(digits.iter().rev());
        }
        Node::leaf(0x06, &value)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let inner = if self.tag & 0x20 == 0 {
            self.value.clone()
        } else {
            self.parts.iter().flat_map(Node::bytes).collect()
        };
        let mut bytes = vec![self.tag];
        match inner.len() {
            short @ 0..0x80 => bytes.push(u8::try_from(short).unwrap()),
            long => {
                let size: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
                bytes.push(0x80 | u8::try_from(size.len()).unwrap());
                bytes.extend(size);
            }
        }
        bytes.extend(inner);
        bytes
    }

    /// Replace every occurrence of an object identifier.
    pub fn rename(&mut self, from: &str, to: &str) {
        let (from, to) = (Node::oid(from), Node::oid(to));
        self.each(&mut |node| {
            if node.tag == 0x06 && node.value == from.value {
                node.value.clone_from(&to.value);
            }
        });
    }

    pub fn each(&mut self, change: &mut impl FnMut(&mut Node)) {
        change(self);
        for part in &mut self.parts {
            part.each(change);
        }
    }
}

/// A CMS signature that can be changed.
#[derive(Clone)]
pub struct Forge(pub Node);

impl Forge {
    pub fn of(bytes: &[u8]) -> Forge {
        Forge(Node::read(bytes))
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }

    pub fn data(&mut self) -> &mut Node {
        &mut self.0.parts[1].parts[0]
    }

    pub fn signers(&mut self) -> &mut Vec<Node> {
        &mut self.data().parts.last_mut().unwrap().parts
    }

    pub fn signer(&mut self) -> &mut Node {
        &mut self.signers()[0]
    }

    /// Certificates.
    pub fn certificates(&mut self) -> &mut Vec<Node> {
        &mut self.data().parts[3].parts
    }

    /// Signed attributes.
    pub fn attributes(&mut self) -> &mut Vec<Node> {
        &mut self.signer().parts[3].parts
    }

    /// The signed attribute of this type.
    pub fn attribute(&mut self, oid: &str) -> &mut Node {
        let name = Node::oid(oid);
        self.attributes().iter_mut().find(|attribute| attribute.parts[0] == name).unwrap()
    }

    pub fn without(mut self, oid: &str) -> Forge {
        let name = Node::oid(oid);
        self.attributes().retain(|attribute| attribute.parts[0] != name);
        self
    }

    pub fn value(&mut self) -> Vec<u8> {
        self.signer().parts[5].value.clone()
    }

    /// Sort the signed attributes and sign them.
    pub fn signed(mut self, key: &PKey<Private>) -> Forge {
        self.attributes().sort_by_key(Node::bytes);
        self.signed_as_is(key)
    }

    pub fn signed_as_is(mut self, key: &PKey<Private>) -> Forge {
        let bytes = Node::of(0x31, self.attributes().clone()).bytes();
        self.signer().parts[5].value = sign(key, &bytes);
        self
    }

    /// Add an unsigned attribute.
    pub fn with(mut self, oid: &str, value: &[u8]) -> Forge {
        let attribute = Node::of(0x30, vec![Node::oid(oid), Node::of(0x31, vec![Node::read(value)])]);
        if self.signer().parts.len() < 7 {
            self.signer().parts.push(Node::of(0xa1, Vec::new()));
        }
        self.signer().parts[6].parts.push(attribute);
        self
    }

    /// Change the content of a time stamp token and sign it again.
    pub fn restamped(mut self, key: &PKey<Private>, change: impl FnOnce(&mut Node)) -> Forge {
        let octets = &mut self.data().parts[2].parts[1].parts[0];
        let mut info = Node::read(&octets.value);
        change(&mut info);
        octets.value = info.bytes();
        let digest = openssl::hash::hash(MessageDigest::sha256(), &info.bytes()).unwrap();
        self.attribute("1.2.840.113549.1.9.4").parts[1].parts[0].value = digest.to_vec();
        self.signed(key)
    }
}

pub fn sign(key: &PKey<Private>, bytes: &[u8]) -> Vec<u8> {
    let mut signer = Signer::new(MessageDigest::sha256(), key).unwrap();
    signer.sign_oneshot_to_vec(bytes).unwrap()
}

/// An OCSP response (`BasicOCSPResponse`) changed and signed again.
pub fn answered(basic: &[u8], key: &PKey<Private>, change: impl FnOnce(&mut Node)) -> Vec<u8> {
    let mut response = Node::read(basic);
    change(&mut response.parts[0]);
    let signature = sign(key, &response.parts[0].bytes());
    response.parts[2].value = [vec![0], signature].concat();
    response.bytes()
}
