//! How much judging one document may cost.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::tree::Node;

/// The most steps that judging one document takes; what is not judged by then is told as `PC001`.
///
/// A step looks at one member, entry or character, and takes some nanoseconds. A document of the greatest size takes a few
/// million; only patterns that are made to be slow come near.
pub(crate) const STEPS_MAX: usize = 1 << 25;

/// Objects of more members are searched by an index. A statement has eight.
const MEMBERS_SCANNED: usize = 16;

/// The steps that are left.
pub(super) struct Work(Cell<usize>);

impl Work {
    pub(super) fn new() -> Self {
        Self(Cell::new(STEPS_MAX))
    }

    /// Takes steps. False where there are not as many left: then none are.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    pub(super) fn spent(&self) -> usize {
        STEPS_MAX - self.0.get()
    }
}

/// Finds nodes by their pointers, however many members an object has.
pub(super) struct Index<'n> {
    root: &'n Node,
    /// The members of wide objects, by the address of the object. Of members that bear one name it is the first.
    wide: BTreeMap<usize, BTreeMap<&'n str, &'n Node>>,
}

impl<'n> Index<'n> {
    pub(super) fn new(root: &'n Node) -> Self {
        let mut wide = BTreeMap::new();
        collect(root, &mut wide);
        Self { root, wide }
    }

    /// The node at a pointer (RFC 6901).
    pub(super) fn at(&self, pointer: &str, work: &Work) -> Option<&'n Node> {
        pointer.split('/').skip(1).try_fold(self.root, |node, segment| match node {
            Node::List(items) => items.get(segment.parse::<usize>().ok()?),
            node if segment.contains('~') => {
                self.member(node, &segment.replace("~1", "/").replace("~0", "~"), work)
            }
            node => self.member(node, segment, work),
        })
    }

    fn member(&self, node: &'n Node, name: &str, work: &Work) -> Option<&'n Node> {
        let Node::Object(members) = node else { return None };
        if let Some(index) = self.wide.get(&address(node)) {
            work.spend(index.len().max(1).ilog2() as usize + 1);
            return index.get(name).copied();
        }
        work.spend(members.len());
        node.member(name)
    }
}

/// Tells objects of one tree apart, and nothing else.
fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

fn collect<'n>(node: &'n Node, wide: &mut BTreeMap<usize, BTreeMap<&'n str, &'n Node>>) {
    match node {
        Node::Object(members) => {
            if members.len() > MEMBERS_SCANNED {
                let mut index = BTreeMap::new();
                for (name, value) in members {
                    index.entry(name.as_str()).or_insert(value);
                }
                wide.insert(address(node), index);
            }
            for (_, value) in members {
                collect(value, wide);
            }
        }
        Node::List(items) => {
            for item in items {
                collect(item, wide);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::TooDeep => {}
    }
}
