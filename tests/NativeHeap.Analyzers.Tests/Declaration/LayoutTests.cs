// The rules that ask the layout calculator: NH0006 to NH0009, and NH0015.

using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Declaration;

public static class LayoutTests
{
    public static TheoryData<string, string, string> Wrong => new()
    {
        // NH0006
        { "automatic layout", "[NativeAllocated, StructLayout(LayoutKind.Auto)] partial struct {|NH0006:S|} { public byte A; public long B; }", "type 'S' has automatic layout" },
        { "a tuple", "[NativeAllocated] partial struct {|NH0006:S|} { public long Id; public (byte A, long B) Pair; }", "field 'Pair' has type '(byte A, long B)', which has automatic layout" },
        { "nested automatic layout", "[StructLayout(LayoutKind.Auto)] struct Inner { public int X; } struct Mid { public Inner In; } [NativeAllocated] partial struct {|NH0006:S|} { public Mid Mid { get; set; } }", "field 'Mid.In' has type 'Inner'" },
        { "a machine vector", "[NativeAllocated] partial struct {|NH0006:S|} { public System.Numerics.Vector<int> V; }", "field 'V' has type 'Vector<int>', which has a size that only the running process knows" },
        { "a C long", "[NativeAllocated] partial struct {|NH0006:S|} { public CLong L; }", "field 'L'" },
        { "a type parameter", "[NativeAllocated] partial struct {|NH0006:S|}<T> where T : unmanaged { public int Id; public T Value; }", "field 'Value' has type 'T', which is a type parameter" },
        { "vectors that differ by processor", "[NativeAllocated] partial struct {|NH0006:S|} { public byte A; public System.Runtime.Intrinsics.Vector512<int> V; }", "it takes 128 bytes (alignment 64) on x64 and 80 bytes (alignment 16) on arm64" },

        // NH0007
        { "packed to one", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Pack = 1)] partial struct {|NH0007:S|} { public byte A; public long B; }", "field 'B', aligned to 8 by its type, is at offset 1; the size 9 is not a multiple of 8" },
        { "packed to four", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Pack = 4)] partial struct {|NH0007:S|} { public int A; public double B; public int C; }", "field 'B', aligned to 8 by its type, is at offset 4" },
        { "a size that is no multiple", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Size = 25)] partial struct {|NH0007:S|} { public long A; }", "the size 25 is not a multiple of 8" },
        { "explicit offsets", "[NativeAllocated, StructLayout(LayoutKind.Explicit)] partial struct {|NH0007:S|} { [FieldOffset(0)] public byte A; [FieldOffset(1)] public int B; }", "field 'B', aligned to 4 by its type, is at offset 1" },
        { "packed, aligned by chance, odd in size", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Pack = 1)] partial struct {|NH0007:S|} { public long A; public byte B; }", "the size 9" },

        // NH0008
        { "bytes around a long", "[NativeAllocated] partial struct {|NH0008:S|} { public byte A; public long B; public byte C; }", "'S' takes 24 bytes (a slot of 24); with its fields in the order B, A, C it takes 16 (a slot of 16)" },
        { "a record", "[NativeAllocated] partial record struct {|NH0008:S|}(bool Live, long Id, bool Dirty);", "in the order Id, Live, Dirty" },
        { "properties", "[NativeAllocated] partial struct {|NH0008:S|} { public bool A { get; set; } public double B { get; set; } public short C { get; set; } public double D { get; set; } public int E { get; set; } }", "'S' takes 40 bytes (a slot of 48); with its fields in the order B, D, E, C, A it takes 24 (a slot of 24)" },
        { "nested in a class", "partial class Book { [NativeAllocated] internal partial struct {|NH0008:Level|} { bool _a; public decimal Price; bool _b; } }", "'Level' takes 32 bytes (a slot of 32); with its fields in the order Price, _a, _b it takes 24" },
        { "a large object made small", "[InlineArray(4095)] struct Body { long _e; } [NativeAllocated] partial struct {|NH0008:{|NH0009:S|}|} { public byte A; public Body B; public byte C; }", "it takes 32768 (a slot of 32768)" },

        // NH0009
        { "a fixed buffer", "[NativeAllocated] unsafe partial struct {|NH0009:S|} { public fixed byte Data[32769]; }", "'S' takes 32769 bytes, more than the largest slot (32768)" },
        { "an inline array", "[InlineArray(10_000)] struct Data { int _e; } [NativeAllocated] partial struct {|NH0009:S|} { public Data Data; }", "'S' takes 40000 bytes" },

        // NH0015
        { "isolated and large", "[NativeAllocated(Isolated = true)] unsafe partial struct {|NH0015:{|NH0009:S|}|} { public fixed byte Data[32769]; }", "'S' cannot be isolated: of 32769 bytes, aligned to 1, it needs pages of its own" },
        { "isolated and aligned to more than a slot", "[NativeAllocated(Isolated = true, Alignment = 65536)] partial struct {|NH0015:S|} { public long A; }", "'S' cannot be isolated: of 8 bytes, aligned to 65536" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "known framework types", "[NativeAllocated] partial struct S { public Guid Key; public DateTime At; public TimeSpan For; public decimal Price; public Int128 Wide; }" },
        { "a generic struct that does not depend on its parameter", "[NativeAllocated] partial struct S<T> where T : unmanaged { public long Id; }" },
        { "a vector that is alike everywhere", "[NativeAllocated] partial struct S { public System.Runtime.Intrinsics.Vector128<int> V; }" },
        { "packed, and nothing misaligned", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Pack = 1)] partial struct S { public long A; public int B, C; }" },
        { "a size that is a multiple", "[NativeAllocated, StructLayout(LayoutKind.Sequential, Size = 64)] partial struct S { public long A; }" },
        { "a union", "[NativeAllocated, StructLayout(LayoutKind.Explicit)] partial struct S { [FieldOffset(0)] public long A; [FieldOffset(0)] public double B; [FieldOffset(8)] public int C; }" },
        { "padding inside one class", "[NativeAllocated] partial struct S { public int A; public long B; }" },
        { "padding that order cannot save", "[NativeAllocated] partial struct S { public byte A; public long B; }" },
        { "padding with an order on purpose", "[NativeAllocated, StructLayout(LayoutKind.Sequential)] partial struct S { public byte A; public long B; public byte C; }" },
        { "padding below the alignment asked for", "[NativeAllocated(Alignment = 64)] partial struct S { public byte A; public long B; public byte C; }" },
        { "the largest slot", "[NativeAllocated] unsafe partial struct S { public fixed byte Data[32768]; }" },
        { "isolated, in the largest slot", "[NativeAllocated(Isolated = true)] unsafe partial struct S { public fixed byte Data[32768]; }" },
        { "isolated, of unknown size", "[NativeAllocated(Isolated = true)] partial struct {|NH0006:S|}<T> where T : unmanaged { public T Value; }" },
        { "not isolated", "[NativeAllocated(Isolated = false, Alignment = 65536)] partial struct S { public long A; }" },
        { "empty", "[NativeAllocated] partial struct S { }" },
        { "an inline array", "[NativeAllocated, InlineArray(5)] partial struct S { int _e; }" },
        { "no stubs, no advice", "partial struct S { public byte A; public long B; public byte C; } [StructLayout(LayoutKind.Sequential, Pack = 1)] struct T { public byte A; public long B; }" },
        { "an error is enough", "[NativeAllocated] struct {|NH0001:S|} { public byte A; public long B; public byte C; }" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message) => new TestProgram(source) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source).VerifyAsync(name);
}
