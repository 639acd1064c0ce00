//! Neither a hit nor a new flow allocates anything.

use benches::network::{Size, engine};
use benches::packets::{Sender, open_flows, send};
use dataplane::packet::tcp;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting what this thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(during: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    during();
    ALLOCATIONS.get() - before
}

#[test]
fn hits_allocate_nothing() {
    let engine = engine(Size::default());
    let mut sender = [Sender::tcp(0, 1, tcp::ACK)];
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1, "the counter does not count");
    open_flows(&engine.batch(), 1000);
    let hits = allocations(|| {
        for round in 0..10 {
            let batch = engine.batch();
            for number in 0..1000 {
                sender[0].flow(number);
                assert!(send(&batch, &mut sender), "round {round}");
            }
        }
    });
    assert_eq!(hits, 0);
}

#[test]
fn new_flows_allocate_nothing() {
    let engine = engine(Size::default());
    let batch = engine.batch();
    open_flows(&batch, 1);
    let mut sender = [Sender::tcp(0, 1, tcp::SYN)];
    let opened = allocations(|| {
        for number in 1..1000 {
            sender[0].flow(number);
            assert!(send(&batch, &mut sender), "flow {number}");
        }
    });
    assert_eq!((opened, engine.flow_count()), (0, 1000));
}
