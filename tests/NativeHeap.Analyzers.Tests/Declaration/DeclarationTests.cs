// The rules on declarations whose cases are few: NH0003, NH0004, NH0005, NH0010 and NH0011.

using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Declaration;

public static class DeclarationTests
{
    private const string Order = "[NativeAllocated] public partial struct Order { public long Id; }";

    public static TheoryData<string, string, string> Wrong => new()
    {
        // NH0004
        { "a ref struct", "[NativeAllocated] ref partial struct {|NH0004:View|} { public long Id; }", "'View' cannot have allocation stubs: it is a ref struct" },
        { "a ref struct with a ref field", "[NativeAllocated] public readonly ref partial struct {|NH0004:View|} { public readonly ref long Id; }", "it is a ref struct" },
        { "a ref struct in a class", "partial class A { [NativeAllocated] ref partial struct {|NH0004:View|} { Span<int> _s; } }", "it is a ref struct" },
        { "a file-local struct", "[NativeAllocated] file partial struct {|NH0004:Local|} { public long Id; }", "it is file-local" },
        { "nested in a file-local type", "file partial class Outer { partial class B { [NativeAllocated] public partial struct {|NH0004:Local|} { public long Id; } } }", "nested in 'Outer', which is file-local" },

        // NH0010
        { "Alloc", "[NativeAllocated] unsafe partial struct S { public long Id; public static S* {|NH0010:Alloc|}() => null; }", "'Alloc' takes the place of a generated stub: 'Alloc()' is not generated" },
        { "Alloc of a copy by ref", "[NativeAllocated] unsafe partial struct S { public long Id; public static S* {|NH0010:Alloc|}(ref readonly S value) => null; }", "'Alloc(in S)' is not generated" },
        { "Free", "[NativeAllocated] unsafe partial struct S { public long Id; public static void {|NH0010:Free|}(S* p) { } }", "'Free(S*)'" },
        { "an instance method", "[NativeAllocated] partial struct S { public long Id; public void {|NH0010:AllocZeroed|}() { } }", "'AllocZeroed()'" },
        { "Rent", "[NativeAllocated] partial struct S { public long Id; public static NativeOwner<S> {|NH0010:Rent|}() => default; }", "'Rent()'" },
        { "a property of the name", "[NativeAllocated] partial struct S { public long Id; public static int {|NH0010:Rent|} => 1; }", "'Rent()', 'Rent(Heap)', 'Rent(in S)', 'Rent(Heap, in S)' is not" },
        { "a field of the name", "[NativeAllocated] partial struct S { public long {|NH0010:Free|}; }", "'Free(S*)'" },
        { "batches", "[NativeAllocated] partial struct S { public long Id; static void {|NH0010:AllocBatch|}(Span<NativePointer<S>> d) { } static void {|NH0010:FreeBatch|}(ReadOnlySpan<NativePointer<S>> d) { } }", "'FreeBatch(ReadOnlySpan<NativePointer<S>>)'" },
        { "the layout", "[NativeAllocated] partial struct S : INativeAllocated<S> { public long Id; static ulong NativeHeap.CompilerServices.INativeLayoutClaim.{|NH0010:NativeLayout|} => default; }", "'NativeLayout'" },
        { "Alloc of a heap", "[NativeAllocated] unsafe partial struct S { public long Id; public static S* {|NH0010:Alloc|}(Heap heap) => null; }", "'Alloc(Heap)' is not generated" },
        { "Free of a heap", "[NativeAllocated] unsafe partial struct S { public long Id; public static void {|NH0010:Free|}(Heap heap, S* p) { } }", "'Free(Heap, S*)'" },
        { "a batch of a heap", "[NativeAllocated] partial struct S { public long Id; static void {|NH0010:AllocBatch|}(Heap h, Span<NativePointer<S>> d) { } }", "'AllocBatch(Heap, Span<NativePointer<S>>)'" },
        { "Rent of a heap, a copy", "[NativeAllocated] partial struct S { public long Id; static NativeOwner<S> {|NH0010:Rent|}(Heap heap, in S value) => default; }", "'Rent(Heap, in S)'" },
        { "a hook that is not partial", "[NativeAllocated] partial struct S { public long Id; static void {|NH0010:OnFreeing|}(ref S value) { } }", "'OnFreeing(ref S)' is not generated" },
        { "in another part", "[NativeAllocated] partial struct S { public long Id; } partial struct S { internal static void {|NH0010:Rent|}() { } }", "'Rent()'" },

        // NH0011
        { "three", "[NativeAllocated(Alignment = {|NH0011:3|})] partial struct S { public long Id; }", "The alignment 3 of 'S' is not a power of two from 1 to 2097152" },
        { "negative", "[NativeAllocated(Alignment = {|NH0011:-8|})] partial struct S { public long Id; }", "The alignment -8" },
        { "the least integer", "[NativeAllocated(Alignment = {|NH0011:int.MinValue|})] partial struct S { public long Id; }", "The alignment -2147483648" },
        { "too large", "[NativeAllocated(Alignment = {|NH0011:2 * C.Max|})] partial struct S { public long Id; } static class C { public const int Max = 2 * 1024 * 1024; }", "The alignment 4194304" },
        { "of several attributes", "[Serializable, NativeAllocated(Alignment = {|NH0011:24|}), Obsolete] partial struct S { public long Id; }", "24" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "a stub of a heap where there is none, since the type is isolated", "[NativeAllocated(Isolated = true)] unsafe partial struct S { public long Id; public static S* Alloc(Heap heap) => null; }" },
        { "a readonly struct", "[NativeAllocated] readonly partial struct S { readonly long _id; }" },
        { "a generic struct", "[NativeAllocated] partial struct {|NH0006:S|}<T> where T : unmanaged { public T Value; }" },
        { "nested in a generic type", "partial class Book<T> { [NativeAllocated] partial struct Level { public long Price; } }" },
        { "private in a class", "partial class Book { [NativeAllocated] private partial struct Level { public long Price; } }" },
        { "protected in a class", "public partial class Book { [NativeAllocated] protected partial struct Level { public long Price; } }" },
        { "overloads of the user's", "[NativeAllocated] unsafe partial struct S { public long Id; static S* Alloc(long id) => null; static void Free(S* p, bool log) { } static void Free(void* p) { } static void Rent<T>() { } static S* Alloc(S by) => null; static S* Alloc(in Heap heap, int count) => null; static void Free(Other.Heap heap, S* p) { } } namespace Other { class Heap; }" },
        { "a hook", "[NativeAllocated] partial struct S { public long Id; static partial void OnFreeing(ref S value) { } }" },
        { "an unsafe hook", "[NativeAllocated] unsafe partial struct S { public S* Next; private static unsafe partial void OnFreeing(ref S dying) => Free(dying.Next); }" },
        { "overloads of the hook", "[NativeAllocated] partial struct S { public long Id; static void OnFreeing(S value) { } static void OnFreeing(ref S value, int times) { } }" },
        { "like-named members elsewhere", "class Pool { void Alloc() { } void Rent() { } } [NativeAllocated] partial struct S { public long Id; partial class Inner { void Free() { } } }" },
        { "natural alignment", "[NativeAllocated(Alignment = 0)] partial struct S { public long Id; }" },
        { "every alignment", "[NativeAllocated(Alignment = 1)] partial struct A { long _x; } [NativeAllocated(Alignment = 64)] partial struct B { long _x; } [NativeAllocated(Alignment = 2097152)] partial struct C { long _x; }" },
    };

    public static TheoryData<string, string[], string> WrongInSeveralFiles => new()
    {
        { "in two files", ["[NativeAllocated] partial struct {|NH0005:S|} { public int A; }", "partial struct S { public int B; }"], "'S' declares fields in several parts" },
        { "in one file", ["[NativeAllocated] partial struct {|NH0005:S|} { public int A; } partial struct S { public int B { get; set; } }"], "'S' declares" },
        { "attribute on the second part", ["partial struct S { public int A; }", "[NativeAllocated] partial struct {|NH0005:S|} { public int B; }"], "'S' declares" },
        { "declared sequential", ["[StructLayout(LayoutKind.Sequential), NativeAllocated] partial record struct {|NH0005:S|}(byte A);", "partial record struct S { public int B; }"], "'S' declares" },
    };

    public static TheoryData<string, string[]> RightInSeveralFiles => new()
    {
        { "one part has all fields", ["[NativeAllocated] partial struct S { public int A, B; }", "partial struct S { public const int C = 1; public static int D; public readonly int Sum => A + B; }"] },
        { "explicit layout", ["[StructLayout(LayoutKind.Explicit), NativeAllocated] partial struct S { [FieldOffset(0)] public int A; }", "partial struct S { [FieldOffset(4)] public int B; }"] },
        { "automatic layout", ["[StructLayout(LayoutKind.Auto), NativeAllocated] partial struct {|NH0006:S|} { public int A; }", "partial struct S { public int B; }"] },
        { "a nested struct with parts", ["[NativeAllocated] partial struct {|NH0006:S|} { public Inner I; }", "partial struct Inner { public int A; }", "partial struct Inner { public int B; }"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message) => new TestProgram(source) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source).VerifyAsync(name);

    [Theory]
    [MemberData(nameof(WrongInSeveralFiles))]
    public static Task Reports_fields_in_several_parts(string name, string[] sources, string message) => new TestProgram(sources) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(RightInSeveralFiles))]
    public static Task Is_silent_on_parts(string name, string[] sources) => new TestProgram(sources).VerifyAsync(name);

    [Theory]
    [InlineData("one struct", Order, "[NativeAllocated] partial struct S { public int X; }")]
    [InlineData("several structs", Order, "partial class A { [NativeAllocated] partial struct S { public int X; } } [NativeAllocated] partial struct T { public int X; }")]
    [InlineData("a struct that gets no stubs", Order, "[NativeAllocated] struct {|NH0001:S|} { public int X; }")]
    public static Task Says_once_that_unsafe_code_is_off(string name, string first, string second)
        => new TestProgram(first, second) { AllowUnsafe = false, Nowhere = ["NH0003"], Messages = ["set AllowUnsafeBlocks"] }.VerifyAsync(name);

    [Theory]
    [InlineData("no struct with stubs", "struct S { public int X; }", false)]
    [InlineData("unsafe code is on", Order, true)]
    public static Task Says_nothing_of_unsafe_code(string name, string source, bool allowUnsafe) => new TestProgram(source) { AllowUnsafe = allowUnsafe }.VerifyAsync(name);

    [Fact]
    public static Task Pointer_stubs_that_are_not_generated_are_nobodys_place()
        => new TestProgram("[NativeAllocated] partial struct S { public long Id; static void Alloc() { } static void FreeBatch(ReadOnlySpan<NativePointer<S>> s) { } static void AllocZeroed(Heap h) { } static void {|NH0010:Rent|}(Heap h) { } static void {|NH0010:Rent|}() { } }")
        { AllowUnsafe = false, Nowhere = ["NH0003"] }.VerifyAsync("no unsafe code");

    [Fact]
    public static Task Without_NativeHeap_all_are_silent()
        => new TestProgram("namespace NativeHeap { class NativeAllocated2Attribute : Attribute; } [NativeHeap.NativeAllocated2] struct S { public string? Name; }")
        { ReferencesNativeHeap = false }.VerifyAsync("not referenced");
}
