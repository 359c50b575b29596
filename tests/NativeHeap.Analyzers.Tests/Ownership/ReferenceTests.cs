using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1021 and NH1024: references, spans and pointers into what has changed since; and objects of a heap that has ended.</summary>
public static class ReferenceTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "a table's element over a removal", "ref Order x = ref table[h]; table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "read", "ref Order x = ref table[h]; table.Remove(h); s_sum += {|NH1021:x|}.Id;" },
        { "written as a whole", "ref Order x = ref table[h]; table.Remove(h); {|NH1021:x|} = default;" },
        { "copied", "ref Order x = ref table[h]; table.Remove(h); Order y = {|NH1021:x|};" },
        { "passed by reference", "ref Order x = ref table[h]; table.Remove(h); Grow(ref {|NH1021:x|}); static void Grow(ref Order o) => o.Id++;" },
        { "passed by in", "ref Order x = ref table[h]; table.Remove(h); Look(in {|NH1021:x|}); static void Look(in Order o) => s_sum += o.Id;" },
        { "its address", "ref Order x = ref table[h]; table.Remove(h); fixed (Order* p = &{|NH1021:x|}) { p->Id = 1; }" },
        { "a field of an element", "ref long id = ref table[h].Id; table.Remove(h); {|NH1021:id|}++;" },
        { "an alias", "ref Order x = ref table[h]; ref Order y = ref x; table.Remove(h); {|NH1021:y|}.Id = 1;" },
        { "an alias of a field", "ref Order x = ref table[h]; ref long y = ref x.Id; table.Remove(h); {|NH1021:y|} = 1;" },
        { "readonly", "ref readonly Order x = ref table[h]; table.Remove(h); s_sum += {|NH1021:x|}.Id;" },
        { "over a removal that hands over", "ref Order x = ref table[h]; table.Remove(h, out Order y); {|NH1021:x|} = y;" },
        { "over a removal that is asked", "ref Order x = ref table[h]; if (table.Remove(h)) { {|NH1021:x|}.Id = 1; }" },
        { "over a removal that is asked, negated", "ref Order x = ref table[h]; if (!table.Remove(h)) { return; } {|NH1021:x|}.Id = 1;" },
        { "over a removal whose answer is kept", "ref Order x = ref table[h]; bool done = table.Remove(h); {|NH1024:x|}.Id = 1;" },
        { "over a removal whose answer is discarded", "ref Order x = ref table[h]; _ = table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "over Clear", "ref Order x = ref table[h]; table.Clear(); {|NH1021:x|}.Id = 1;" },
        { "over Dispose", "ref Order x = ref table[h]; table.Dispose(); {|NH1021:x|}.Id = 1;" },
        { "over Restore", "ref Order x = ref table[h]; table.Restore(new byte[9]); {|NH1021:x|}.Id = 1;" },
        { "of an addition", "ref Order x = ref table.Add(out var g); table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "of an addition of a value", "ref Order x = ref table.Add(new Order { Id = 1 }, out h); table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "that may be null", "ref Order x = ref table.GetValueRefOrNullRef(h); table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "a table's span", "Span<Order> s = table.Values; table.Remove(h); {|NH1021:s|}[0].Id = 1;" },
        { "a slice of it", "Span<Order> s = table.Values[1..]; table.Remove(h); {|NH1021:s|}[0].Id = 1;" },
        { "a slice by Slice", "Span<Order> s = table.Values.Slice(1); table.Remove(h); {|NH1021:s|}.Clear();" },
        { "gone through", "Span<Order> s = table.Values; table.Remove(h); foreach (Order x in {|NH1021:s|}) { s_sum += x.Id; }" },
        { "an element of a span", "Span<Order> s = table.Values; ref Order x = ref s[0]; table.Remove(h); {|NH1021:x|}.Id = 1;" },
        { "handles", "ReadOnlySpan<NativeHandle<Order>> s = table.Handles; table.Remove(h); h = {|NH1021:s|}[0];" },
        { "passed as a span", "Span<Order> s = table.Values; table.Remove(h); Fill({|NH1021:s|}); static void Fill(Span<Order> o) => o.Clear();" },
        { "while gone through", "foreach (ref Order x in table.Values) { if (x.Id == n) { table.Remove(h); {|NH1021:x|}.Id = 1; break; } }" },
        { "while gone through with handles", "foreach (var e in table) { if (e.Handle == h) { table.Remove(e.Handle); {|NH1021:e|}.Value.Id = 1; break; } }" },
        { "on both paths", "ref Order x = ref table[h]; if (b) { table.Remove(h); } else { table.Clear(); } {|NH1021:x|}.Id = 1;" },
        { "of both tables", "ref Order x = ref table[h]; if (b) { x = ref table.Add(out h); } table.Clear(); {|NH1021:x|}.Id = 1;" },
        { "in finally", "ref Order x = ref table[h]; try { Work(); } finally { table.Remove(h); } {|NH1021:x|}.Id = 1;" },
        { "in a loop", "for (int i = 0; i < n; i++) { ref Order x = ref table[h]; table.Remove(h); {|NH1021:x|}.Id = i; }" },
        { "by a using that has ended", "Span<Order> s; using (var t = new NativeTable<Order>()) { t.Add(out h); s = t.Values; } {|NH1021:s|}.Clear();" },
        { "perhaps removed", "ref Order x = ref table[h]; if (b) { table.Remove(h); } {|NH1024:x|}.Id = 1;" },
        { "removed in the round before", "ref Order x = ref table[h]; for (int i = 0; i < n; i++) { {|NH1024:x|}.Id = i; table.Remove(h); }" },
        { "removed while gone through", "foreach (ref Order x in table.Values) { if ({|NH1024:x|}.Id == n) { table.Remove(h); } }" },

        { "a list's item over an addition", "ref Order x = ref list[0]; list.Add(default); {|NH1024:x|}.Id = 1;" },
        { "a list's span over growth", "Span<Order> s = list.AsSpan(); list.EnsureCapacity(100); {|NH1024:s|}.Clear();" },
        { "a list's slice", "Span<Order> s = list[1..3]; list.AddRange(new Order[3]); {|NH1024:s|}.Clear();" },
        { "a list's item over an insertion", "ref Order x = ref list[0]; list.Insert(0, default); {|NH1024:x|}.Id = 1;" },
        { "a list's item over a removal", "ref Order x = ref list[0]; list.RemoveAt(0); {|NH1024:x|}.Id = 1;" },
        { "a list's item over Clear", "ref Order x = ref list[0]; list.Clear(); {|NH1021:x|}.Id = 1;" },
        { "a list's item over Dispose", "ref Order x = ref list[0]; list.Dispose(); {|NH1021:x|}.Id = 1;" },
        { "a list's item over TrimExcess", "ref Order x = ref list[0]; list.TrimExcess(); {|NH1024:x|}.Id = 1;" },
        { "a list's item by reference", "foreach (ref Order x in list) { if ({|NH1024:x|}.Id == n) { list.Add(default); } }" },
        { "a list added to from its own span", "foreach (Order x in {|NH1024:list.AsSpan()|}) { list.Add(x); }" },
        { "an array over Resize", "var all = new NativeArray<int>(9); ref int x = ref all[0]; all.Resize(99); {|NH1024:x|} = 1; all.Dispose();" },
        { "an array over Dispose", "var all = new NativeArray<int>(9); Span<int> s = all.AsSpan(); all.Dispose(); {|NH1021:s|}[0] = 1;" },
        { "a dictionary's value over an addition", "ref Order x = ref map.GetValueRefOrNullRef(1); map.Add(2, default); {|NH1024:x|}.Id = 1;" },
        { "a dictionary's value over an assignment", "ref Order x = ref map.GetValueRefOrNullRef(1); map[2] = default; {|NH1024:x|}.Id = 1;" },
        { "a dictionary's value over another", "ref Order x = ref map.GetValueRefOrAddDefault(1, out _); ref Order y = ref map.GetValueRefOrAddDefault(2, out _); y.Id = {|NH1024:x|}.Id;" },
        { "a dictionary's value over Clear", "ref Order x = ref map.GetValueRefOrNullRef(1); map.Clear(); {|NH1021:x|}.Id = 1;" },
        { "a dictionary's values", "foreach (ref Order x in map.Values) { map.Clear(); {|NH1021:x|}.Id = 1; break; }" },
        { "a box's object", "var box = new NativeBox<Order>(); ref Order x = ref box.Value; box.Dispose(); {|NH1021:x|}.Id = 1;" },
        { "a box's pointer", "var box = new NativeBox<Order>(); Order* p = box.DangerousGetPointer(); box.Dispose(); {|NH1021:p|}->Id = 1;" },
        { "a pool's element over Clear", "using var some = new NativePool<Order>(); ref Order x = ref some.Add(out h); some.Clear(); {|NH1021:x|}.Id = 1;" },
        { "a pool's pointer over Clear", "using var some = new NativePool<Order>(); Order* p = some.GetPointerOrNull(h); some.Clear(); {|NH1021:p|}->Id = 1;" },

        { "an arena's object over Reset", "Order* p = arena.Alloc<Order>(); arena.Reset(); {|NH1021:p|}->Id = 1;" },
        { "an arena's span over Reset", "Span<byte> s = arena.AllocSpan<byte>(9); arena.Reset(); {|NH1021:s|}.Clear();" },
        { "an arena's block over Reset", "byte* p = (byte*)arena.Alloc(9); arena.Reset(); {|NH1021:p|}[1] = 1;" },
        { "an arena's block by out", "if (arena.TryAlloc(9, out void* p)) { arena.Reset(); byte* q = (byte*)p; *{|NH1021:q|} = 1; }" },
        { "an arena's object over Dispose", "Order* p = arena.Alloc<Order>(); arena.Dispose(); {|NH1021:p|}->Id = 1;" },
        { "an arena's object over Rewind", "var mark = arena.Mark(); Order* p = arena.Alloc<Order>(); arena.Rewind(mark); {|NH1021:p|}->Id = 1;" },
        { "an arena's object over an outer Rewind", "var outer = arena.Mark(); var inner = arena.Mark(); Order* p = arena.Alloc<Order>(); arena.Rewind(outer); {|NH1021:p|}->Id = 1; _ = inner;" },
        { "of two the one behind the mark", "Order* p = arena.Alloc<Order>(); var mark = arena.Mark(); Order* q = arena.Alloc<Order>(); arena.Rewind(mark); p->Id = {|NH1021:q|}->Id;" },
        { "an arena's object in every round", "var mark = arena.Mark(); for (int i = 0; i < n; i++) { Order* p = arena.Alloc<Order>(); arena.Rewind(mark); {|NH1021:p|}->Id = i; }" },
        { "an arena's object passed on", "Order* p = arena.Alloc<Order>(); arena.Reset(); Read({|NH1021:p|});" },
        { "an arena's object in a field, and here", "s_order = arena.Alloc<Order>(); Order* p = arena.Alloc<Order>(); s_order = p; arena.Reset(); {|NH1021:p|}->Id = 1;" },
        { "a scope's span over its end", "var scope = arena.EnterScope(); Span<byte> s = scope.AllocSpan<byte>(9); scope.Dispose(); {|NH1021:s|}.Clear();" },
        { "a movable block over Compact", "using var blocks = new CompactingAllocator(); var c = blocks.Alloc<int>(9); Span<int> s = blocks.GetSpan(c); blocks.Compact(); {|NH1021:s|}[0] = 1;" },
        { "a movable block's value over Compact", "using var blocks = new CompactingAllocator(); var c = blocks.Alloc<int>(); ref int x = ref blocks.GetValue(c); blocks.Compact(99); {|NH1021:x|} = 1;" },
        { "a movable block by out", "using var blocks = new CompactingAllocator(); if (blocks.TryGetSpan(default(NativeHandle<int>), out var s)) { blocks.Compact(); {|NH1021:s|}[0] = 1; }" },
        { "a range's pointer over Reset", "using var ranges = new FreeListAllocator(a, 99); byte* p = (byte*)ranges.ToPointer(ranges.Alloc(9)); ranges.Reset(); {|NH1021:p|}[0] = 1;" },
        { "room in a writer over Clear", "using var writer = new NativeBufferWriter(); Span<byte> s = writer.GetSpan(); writer.Clear(); {|NH1021:s|}[0] = 1;" },

        { "an object over its heap's Reset", "Order* p = Order.Alloc(heap); heap.Reset(); {|NH1003:p|}->Id = 1;" },
        { "an object over its heap's Dispose", "Order* p = Order.Alloc(heap); heap.Dispose(); {|NH1003:p|}->Id = 1;" },
        { "an object over its heap's using", "Order* p; using (var own = new Heap()) { p = (Order*)own.Alloc(64); } {|NH1003:p|}->Id = 1;" },
        { "an object freed after its heap's Reset", "Order* p = Order.Alloc(heap); heap.Reset(); Order.Free(heap, {|NH1001:p|});" },

        { "of one's own: a helper that ends them", "var w = new World(); ref Order x = ref w.Get(h); w.Kill(h); {|NH1021:x|}.Id = 1;" },
        { "of one's own: a part of it", "var w = new World(); ref Order x = ref w.Orders[h]; w.Kill(h); {|NH1024:x|}.Id = 1;" },
        { "of one's own: an argument", "ref Order x = ref table[h]; World.Sweep(table); {|NH1021:x|}.Id = 1;" },
        { "a reference into an owner's object", "var o = Order.Rent(); ref Order x = ref o.Value; o.Dispose(); {|NH1003:x|}.Id = 1;" },
        { "a reference into an object", "Order* p = Order.Alloc(); ref long x = ref p->Id; Order.Free(p); {|NH1003:x|} = 1;" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "additions move nothing", "ref Order x = ref table[h]; table.Add(out var g); table.EnsureCapacity(99); table.TrimExcess(); x.Id = 1;" },
        { "taken again", "ref Order x = ref table[h]; table.Remove(h); x = ref table.Add(out h); x.Id = 1;" },
        { "taken again, of a span", "Span<Order> s = table.Values; table.Remove(h); s = table.Values; s.Clear();" },
        { "taken again in each round", "for (int i = 0; i < n; i++) { ref Order x = ref table[h]; x.Id = i; table.Remove(h); }" },
        { "of a removal that was none", "ref Order x = ref table[h]; if (!table.Remove(default)) { x.Id = 1; }" },
        { "of a removal that was none, at once", "ref Order x = ref table[h]; if (!table.Remove(default) && x.Id == 3) { Work(); }" },
        { "of another table", "var t = new NativeTable<Order>(); ref Order x = ref table[h]; t.Clear(); x.Id = 1; t.Dispose();" },
        { "of what was the table", "ref Order x = ref table[h]; table = new NativeTable<Order>(); table.Clear(); x.Id = 1;" },
        { "copied before", "Order x = table[h]; table.Remove(h); s_sum += x.Id;" },
        { "left by break", "foreach (var e in table) { if (e.Value.Id == n) { table.Remove(e.Handle); break; } }" },
        { "left by return", "foreach (ref Order x in table.Values) { if (x.Id == n) { table.Remove(h); return; } }" },
        { "backwards", "for (int i = table.Count - 1; i >= 0; i--) { if (table.Values[i].Id == n) { table.Remove(table.Handles[i]); } }" },
        { "the length of a stale span", "Span<Order> s = table.Values; table.Remove(h); s_sum += s.Length;" },
        { "a list filled with room", "ref Order x = ref list[0]; x.Id = 1; list.Add(x); list.Add(list[0]);" },
        { "a list's span taken anew", "Span<Order> s = list.AsSpan(); s.Clear(); list.Add(default); s = list.AsSpan(); s.Clear();" },
        { "a dictionary's keys removed as they are met", "foreach (var e in map) { if (e.Value.Id == n) { map.Remove(e.Key); } }" },
        { "a dictionary's value counted up", "map.GetValueRefOrAddDefault(1, out _).Id++; map.GetValueRefOrAddDefault(2, out _).Id++;" },
        { "before the mark", "Order* p = arena.Alloc<Order>(); var mark = arena.Mark(); _ = arena.Alloc<Order>(); arena.Rewind(mark); p->Id = 1;" },
        { "before the mark, in a loop", "Order* p = arena.Alloc<Order>(); for (int i = 0; i < n; i++) { var mark = arena.Mark(); Order* q = arena.Alloc<Order>(); q->Id = p->Id; arena.Rewind(mark); } p->Id = 1;" },
        { "a scope in an arena", "Order* p = arena.Alloc<Order>(); using (var scope = arena.EnterScope()) { scope.AllocSpan<byte>(9).Clear(); } p->Id = 1;" },
        { "an arena's object after another's reset", "using var second = new BumpAllocator(); Order* p = arena.Alloc<Order>(); second.Reset(); p->Id = 1;" },
        { "an arena's object in each round", "for (int i = 0; i < n; i++) { Order* p = arena.Alloc<Order>(); p->Id = i; arena.Reset(); }" },
        { "pinned over a compaction", "using var blocks = new CompactingAllocator(); var c = blocks.Alloc<int>(); int* p = blocks.Pin(c); blocks.Compact(); *p = 1; blocks.Unpin(c);" },
        { "another heap's end", "Order* p = Order.Alloc(heap); other.Reset(); p->Id = 1;" },
        { "an object of what was the heap", "Order* p = Order.Alloc(heap); heap = other; heap.Reset(); p->Id = 1;" },
        { "not of that heap", "Order* p = Order.Alloc(); heap.Reset(); p->Id = 1; Order.Free(p);" },
        { "an owner disposed after its heap", "var o = Order.Rent(heap); o.Value.Id = 1; heap.Reset(); o.Dispose();" },
        { "of one of two, anew in each round", "for (int i = 0; i < n; i++) { if (i == 3) { list.Clear(); continue; } Span<Order> s = b ? list.AsSpan() : new Span<Order>(a, 1); s.Clear(); }" },
        { "of an arena or of a heap", "Order* p = b ? arena.Alloc<Order>() : Order.Alloc(); p->Id = 1; s_order = p;" },
        { "a box emptied and freed", "var box = new NativeBox<Order>(); Order* p = box.Detach(); Order.Free(p);" },
        { "a reference moved on", "ref Order x = ref *a; while (x.Next != null) { x = ref *x.Next; } x.Id = 1;" },
        { "detached, and the reference goes on", "var o = Order.Rent(); ref Order x = ref o.Value; Order* p = o.Detach(); x.Id = 1; Order.Free(p);" },
    };

    /// <summary>Members, in a class with a table in a field.</summary>
    public static TheoryData<string, string> WrongMembers => new()
    {
        { "a readonly field", "readonly NativeTable<Order> _t = new(); void M(NativeHandle<Order> h) { ref Order x = ref _t[h]; Work(); _t.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "a field", "NativeTable<Order> _t = new(); void M(NativeHandle<Order> h) { ref Order x = ref _t[h]; _t.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "a static field", "static readonly NativeTable<Order> s_t = new(); void M(NativeHandle<Order> h) { ref Order x = ref s_t[h]; s_t.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "a property", "NativeTable<Order> T { get; } = new(); void M(NativeHandle<Order> h) { ref Order x = ref T[h]; T.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "a field of another", "static void M(Game g, NativeHandle<Order> h) { ref Order x = ref g.World.Orders[h]; g.World.Orders.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "a parameter by in", "static void M(in NativeTable<Order> t, NativeHandle<Order> h) { ref Order x = ref t[h]; t.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "returned", "static ref Order M(NativeTable<Order> t, NativeHandle<Order> h) { ref Order x = ref t[h]; t.Remove(h); return ref {|NH1021:x|}; }" },
        { "a span returned", "static Span<Order> M(NativeTable<Order> t, NativeHandle<Order> h) { Span<Order> s = t.Values; t.Remove(h); return {|NH1021:s|}; }" },
        { "returned out of a using", "static Span<int> M() { using var l = new NativeList<int>(); l.Add(1); return {|NH1021:l.AsSpan()|}; }" },
        { "returned out of a using statement", "static Span<int> M() { using (var l = new NativeList<int>()) { l.Add(1); Span<int> s = l.AsSpan(); return {|NH1021:s|}; } }" },
        { "returned out of a finally", "static int* M() { var arena = new BumpAllocator(); try { return {|NH1021:arena.Alloc<int>()|}; } finally { arena.Dispose(); } }" },
        { "in a lambda", "void M(NativeTable<Order> t) { Action<NativeHandle<Order>> f = h => { ref Order x = ref t[h]; t.Remove(h); {|NH1021:x|}.Id = 1; }; f(default); }" },
        { "its own helper", "readonly NativeTable<Order> _t = new(); [InvalidatesReferences] void Kill(NativeHandle<Order> h) => _t.Remove(h); void M(NativeHandle<Order> h) { ref Order x = ref _t[h]; Kill(h); {|NH1024:x|}.Id = 1; }" },
        { "in a constructor", "C(NativeTable<Order> t, NativeHandle<Order> h) { ref Order x = ref t[h]; t.Remove(h); {|NH1021:x|}.Id = 1; }" },
        { "in an accessor", "static NativeTable<Order> s_t; static long P { get { ref Order x = ref s_t[default]; s_t.Clear(); return {|NH1021:x|}.Id; } }" },
        { "by a mark that was passed in", "static void M(BumpAllocator arena, BumpMark mark) { Order* p = arena.Alloc<Order>(); arena.Rewind(mark); {|NH1021:p|}->Id = 1; }" },
        { "by a mark in a field", "BumpMark _mark; void M(BumpAllocator arena) { Order* p = arena.Alloc<Order>(); arena.Rewind(_mark); {|NH1024:p|}->Id = 1; }" },
    };

    public static TheoryData<string, string> RightMembers => new()
    {
        { "a field that others may assign", "NativeTable<Order> _t = new(); NativeTable<Order> _u = new(); void Swap() => (_t, _u) = (_u, _t); void M(NativeHandle<Order> h) { ref Order x = ref _t[h]; Swap(); _t.Clear(); x.Id = 1; }" },
        { "a field that is assigned", "NativeTable<Order> _t = new(); void M(NativeHandle<Order> h) { ref Order x = ref _t[h]; _t = new NativeTable<Order>(); _t.Clear(); x.Id = 1; }" },
        { "a field of what is assigned", "static void M(Game g, Game f, NativeHandle<Order> h) { ref Order x = ref g.World.Orders[h]; g = f; g.World.Orders.Clear(); x.Id = 1; }" },
        { "a field that a delegate may assign", "NativeTable<Order> _t = new(); void M(NativeHandle<Order> h, Action swap) { ref Order x = ref _t[h]; swap(); _t.Clear(); x.Id = 1; }" },
        { "a property that can be set", "NativeTable<Order> T { get; set; } = new(); void M(NativeHandle<Order> h) { ref Order x = ref T[h]; T.Remove(h); x.Id = 1; }" },
        { "frames that take turns", "static void M(FrameAllocator frames) { Order* p = frames.Current.Alloc<Order>(); frames.NextFrame(); p->Id = 1; frames.Current.Reset(); p->Id = 2; }" },
        { "returned, and the table goes on", "readonly NativeTable<Order> _t = new(); ref Order M(NativeHandle<Order> h) => ref _t[h]; Span<Order> N() { try { return _t.Values; } finally { Work(); } }" },
    };

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2))));

    [Fact]
    public static Task Reports_in_members() => Snippet.VerifyAllAsync(WrongMembers.Select(static c => (c.Data.Item1, $"unsafe class C : Calls {{ {c.Data.Item2} }}")));

    [Fact]
    public static Task Is_silent() => Snippet.VerifyAllAsync(Right.Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2))));

    [Fact]
    public static Task Is_silent_in_members() => Snippet.VerifyAllAsync(RightMembers.Select(static c => (c.Data.Item1, $"unsafe class C : Calls {{ {c.Data.Item2} }}")));
}
