// One test for each form that an annotated struct can take. Each compares the text with its snapshot, compiles it without a warning, checks
// that an unrelated edit recomputes nothing, then loads the assembly and calls the stubs.

using System.Runtime.CompilerServices;

using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests;

public sealed class StubSnapshotTests
{
    [Fact]
    public void Plain_struct() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial struct Order { public long Id; public long Price; public int Quantity; }
        """);

    [Fact]
    public void Without_unsafe_code() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial struct Order { public long Id; public long Price; public int Quantity; }
        """, allowUnsafe: false);

    [Fact]
    public void Isolated_struct() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated(Isolated = true)] public partial struct Key { public long High; public long Low; static partial void OnFreeing(ref Key value) => value.Low = 0; }
        """);

    [Fact]
    public void Nested_in_every_kind_of_type() => Verify("""
        using NativeHeap;
        namespace Shop;
        public static partial class Book { [NativeAllocated] public partial struct InClass { public int A; } }
        public partial struct Level { [NativeAllocated] public partial struct InStruct { public int A; } }
        public ref partial struct Cursor { [NativeAllocated] public partial struct InRefStruct { public int A; } }
        public partial interface IFeed { [NativeAllocated] public partial struct InInterface { public int A; } }
        public abstract partial record Event { [NativeAllocated] public partial struct InRecord { public int A; } }
        public partial record struct Tick { public partial class Inner { [NativeAllocated] public partial struct InRecordStruct { public int A; } } }
        """);

    [Fact]
    public void Generic_struct() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial struct Pair<TFirst, TSecond> where TFirst : unmanaged where TSecond : unmanaged { public TFirst First; public TSecond Second; }
        """);

    [Fact]
    public void Nested_in_generic_types() => Verify("""
        using NativeHeap;
        namespace Shop;
        public partial class Tree<TKey> where TKey : unmanaged
        {
            public partial struct Level<TValue> where TValue : unmanaged
            {
                [NativeAllocated] public partial struct Node { public TKey Key; public TValue Value; }
            }
            [NativeAllocated] public partial struct Root { public int Count; }
        }
        """);

    [Fact]
    public void Records_and_readonly_structs() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial record struct Fill(byte Side, long Price, byte Venue);
        [NativeAllocated] public readonly partial record struct Quote(int Bid, int Ask);
        [NativeAllocated] public readonly partial struct Stamp { public readonly long Ticks; public Stamp(long ticks) => Ticks = ticks; }
        [NativeAllocated] public partial struct Range2(byte low, long high) { public int Step; public readonly long Width => high - low; }
        """);

    [Fact]
    public void Global_namespace() => Verify("""
        [NativeHeap.NativeAllocated] public partial struct Order { public long Id; }
        """);

    [Fact]
    public void Keywords_as_names() => Verify("""
        namespace @namespace.@record.@partial
        {
            public partial class @class<@notnull> where @notnull : unmanaged
            {
                [NativeHeap.NativeAllocated] public partial struct @struct { public long @long; }
            }
            [NativeHeap.NativeAllocated] public partial struct @int { public int @value; }
            [NativeHeap.NativeAllocated] public partial record struct @event(int @in, int @out);
        }
        """);

    [Fact]
    public void Several_partial_files() => Verify(
        [
            "namespace Shop; public partial struct Order { public readonly long Total() => Id + Price; }",
            "namespace Shop; [NativeHeap.NativeAllocated] partial struct Order { public long Id; public long Price; }",
            "namespace Shop; partial struct Order { public const int Version = 1; public static int Count { get; set; } }",
        ]);

    [Fact]
    public void Fields_in_several_parts() => Verify(
        [
            "#pragma warning disable CS0282\nnamespace Shop; public partial struct Order { public byte Side; public long Price; }",
            "#pragma warning disable CS0282\nnamespace Shop; [NativeHeap.NativeAllocated] partial struct Order { public byte Venue; }",
        ]);

    [Fact]
    public void Names_that_differ_in_case_only() => Verify("""
        #pragma warning disable CS8981
        namespace Shop
        {
            [NativeHeap.NativeAllocated] public partial struct Order { public int A; }
            [NativeHeap.NativeAllocated] public partial struct order { public long A; }
        }
        """);

    [Fact]
    public void Requested_alignment() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated(Alignment = 64)] public partial struct Line { public long A; }
        [NativeHeap.NativeAllocated(Alignment = 4)] public partial struct Lower { public long A; }
        [NativeHeap.NativeAllocated(Alignment = 4096)] public partial struct Sector { public long A; }
        [NativeHeap.NativeAllocated(Alignment = 65536)] public partial struct Huge { public long A; }
        [NativeHeap.NativeAllocated(Alignment = 64)] public partial struct Open<T> where T : unmanaged { public T A; }
        """);

    [Fact]
    public void Invalid_alignment_is_ignored() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated(Alignment = 48)] public partial struct NoPower { public long A; }
        [NativeHeap.NativeAllocated(Alignment = -8)] public partial struct Negative { public long A; }
        [NativeHeap.NativeAllocated(Alignment = 4194304)] public partial struct TooLarge { public long A; }
        """);

    [Fact]
    public void Hardware_vectors() => Verify("""
        using System.Runtime.Intrinsics;
        namespace Shop;
        [NativeHeap.NativeAllocated] public partial struct Wide { public byte A; public Vector256<float> V; }
        [NativeHeap.NativeAllocated] public partial struct Widest { public byte A; public Vector512<float> V; public byte B; }
        [NativeHeap.NativeAllocated] public partial struct Narrow { public byte A; public Vector128<float> V; }
        [NativeHeap.NativeAllocated] public partial struct Sized { public System.Numerics.Vector<int> V; }
        """);

    [Fact]
    public void Size_depends_on_the_pointer_width() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated] public unsafe partial struct Node { public Node* Next; public int Key; }
        [NativeHeap.NativeAllocated] public partial struct Link { public NativeHeap.NativePointer<Link> Next; public nint Tag; }
        [NativeHeap.NativeAllocated] public unsafe partial struct Callback { public delegate*<int, void> Invoke; }
        """);

    [Fact]
    public void Larger_than_the_largest_slot() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated] public unsafe partial struct Block { public fixed byte Bytes[40_000]; }
        [NativeHeap.NativeAllocated] public unsafe partial struct Largest { public fixed byte Bytes[32_768]; }
        """);

    [Fact]
    public void Stubs_that_the_user_declares() => Verify("""
        using System;
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public unsafe partial struct Methods
        {
            public int A;
            public static Methods* Alloc() => null;
            public static Methods* Alloc(int a) => null;
            public static void Free(Methods* p) { }
            public static void FreeBatch(ReadOnlySpan<NativePointer<Methods>> p) { }
            public static int Rent(in Methods value) => value.A;
            public static Methods* AllocZeroed(Heap heap) => null;
            public static void Free(Heap heap, Methods* p) { }
            public static void FreeBatch(Heap heap, ReadOnlySpan<NativePointer<Methods>> p) { }
            public static int Rent(Heap heap, ref readonly Methods value) => value.A;
        }
        [NativeAllocated] public partial struct Others { public int Free; public struct AllocBatch { } public bool Alloc { get; set; } }
        [NativeAllocated] public partial struct Rent { public int A; }
        [NativeAllocated] public partial struct Layout : INativeAllocated<Layout>
        {
            public int A;
            static ulong NativeHeap.CompilerServices.INativeLayoutClaim.NativeLayout => 1UL << 32;
        }
        """);

    [Fact]
    public void Freeing_hooks() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial struct Plain { public int A; static partial void OnFreeing(ref Plain value) => value.A = 0; }
        [NativeAllocated] public unsafe partial struct Node
        {
            public Node* Next;
            private static unsafe partial void OnFreeing(ref Node @this) { @this.Next = null; }
        }
        public partial class Tree<TKey> where TKey : unmanaged
        {
            [NativeAllocated] internal partial record struct Leaf<TValue>(TKey Key, TValue Value) where TValue : unmanaged
            {
                static partial void OnFreeing(ref Leaf<TValue> leaf) { }
            }
        }
        [NativeAllocated] public partial struct InTwoFiles { public int A; }
        public partial struct InTwoFiles { static partial void OnFreeing(ref InTwoFiles value) { } }
        """);

    [Fact]
    public void Members_that_take_the_place_of_the_hook() => Verify("""
        using NativeHeap;
        namespace Shop;
        [NativeAllocated] public partial struct Own { public int A; public static void OnFreeing(ref Own value) { } }
        [NativeAllocated] public partial struct Overload { public int A; public static void OnFreeing(int a) { } }
        [NativeAllocated] public partial struct Field { public int OnFreeing; }
        [NativeAllocated] public partial struct OnFreeing { public int A; }
        """);

    [Fact]
    public void Inline_arrays_and_fixed_buffers() => Verify("""
        using System.Runtime.CompilerServices;
        namespace Shop;
        [NativeHeap.NativeAllocated, InlineArray(5)] public partial struct Levels { private long _first; }
        [NativeHeap.NativeAllocated] public unsafe partial struct Symbol { public byte Length; public fixed char Text[7]; }
        """);

    [Fact]
    public void Accessibility() => Verify("""
        namespace Shop;
        public partial class Book
        {
            [NativeHeap.NativeAllocated] private partial struct Private { public int A; public Private(int a) => A = a; }
            [NativeHeap.NativeAllocated] protected internal partial struct ProtectedInternal { public int A; }
            internal static int Use() { using var p = Private.Rent(new Private(1)); return p.Value.A; }
        }
        [NativeHeap.NativeAllocated] internal partial struct Internal { public int A { get; set; } }
        """);

    [Fact]
    public void Declared_layouts() => Verify("""
        using System.Runtime.InteropServices;
        namespace Shop;
        [NativeHeap.NativeAllocated, StructLayout(LayoutKind.Sequential, Pack = 1)] public partial struct Packed { public byte A; public long B; public byte C; }
        [NativeHeap.NativeAllocated, StructLayout(LayoutKind.Sequential, Size = 5)] public partial struct Sized { public byte A; public long B; public byte C; }
        [NativeHeap.NativeAllocated, StructLayout(LayoutKind.Explicit)] public partial struct Union { [FieldOffset(0)] public long A; [FieldOffset(4)] public int B; [FieldOffset(9)] public byte C; }
        [NativeHeap.NativeAllocated, StructLayout(LayoutKind.Auto)] public partial struct Auto { public byte A; public long B; public byte C; }
        """);

    [Fact]
    public void Framework_types_as_fields() => Verify("""
        using System;
        namespace Shop;
        [NativeHeap.NativeAllocated] public partial struct Known { public DateTime A; public Guid B; public decimal C; public byte? D; public Int128 E; }
        [NativeHeap.NativeAllocated] public partial struct Tuple { public (byte, long, byte) A; }
        """);

    [Fact]
    public void Empty_struct() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated] public partial struct Marker { }
        """);

    [Fact]
    public void Obsolete_experimental_and_shadowing_names() => Verify("""
        using System;
        namespace Shop.NativeHeap
        {
            public partial class System
            {
                [Obsolete] public partial class Old
                {
                    [global::NativeHeap.NativeAllocated, Obsolete("because"), global::System.Diagnostics.CodeAnalysis.Experimental("SHOP001")]
                    public partial struct Order { public int Int; public struct NativeStubs { } public struct NativeOwner { } }
                }
            }
        }
        """);

    [Fact]
    public void Struct_from_a_referenced_assembly() => Verify("""
        namespace Shop;
        [NativeHeap.NativeAllocated] public partial struct Order { public byte Side; public Library.Packed Packed; public Library.Union Union; public Library.Hidden Hidden; }
        [NativeHeap.NativeAllocated] public partial struct Automatic { public Library.Automatic A; }
        """, library: """
        using System.Runtime.InteropServices;
        namespace Library;
        [StructLayout(LayoutKind.Sequential, Pack = 2, Size = 14)] public struct Packed { public byte A; public long B; }
        [StructLayout(LayoutKind.Explicit)] public struct Union { [FieldOffset(0)] public int A; [FieldOffset(3)] public short B; }
        public struct Hidden { private Secret _secret; private struct Secret { private long _a; private byte _b; } }
        [StructLayout(LayoutKind.Auto)] public struct Automatic { public byte A; public long B; }
        """);

    private static void Verify(string source, bool allowUnsafe = true, string? library = null, [CallerMemberName] string name = "")
        => Verify([source], allowUnsafe, library, name);

    private static void Verify(string[] sources, bool allowUnsafe = true, string? library = null, [CallerMemberName] string name = "")
        => new StubProgram(sources) { AllowUnsafe = allowUnsafe, Library = library }.Verify(name);
}
