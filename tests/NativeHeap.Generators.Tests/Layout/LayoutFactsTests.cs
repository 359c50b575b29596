// Single facts about layouts, as figures: readable where the fuzz test is not, and for targets that the tests do not run on.
//
// On x64 each fact is also measured, so a wrong figure here cannot agree with a wrong calculator.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests.Layout;

public sealed class LayoutFactsTests
{
    private static readonly TargetLayout[] s_targets = [TargetLayout.X64, TargetLayout.Arm64, TargetLayout.X86, TargetLayout.Arm32];

    private const string Preamble = """
        #pragma warning disable
        using System; using System.Numerics;
        using System.Runtime.CompilerServices; using System.Runtime.InteropServices; using System.Runtime.Intrinsics;
        public enum Small : byte { } public enum Large : ulong { } public struct Empty { public const int C = 1; public static int D; }
        public struct I128 { public byte A; public Int128 B; } public struct Box<T> where T : unmanaged { public byte A; public T B; }
        [StructLayout(LayoutKind.Sequential, Size = 25)] public struct Size25 { public byte A; public long B; public byte C; }
        [InlineArray(5)] public struct Five { private Size24 _a; } public struct Size24 { public byte A; public long B; public byte C; }

        """;

    [Theory]
    [InlineData("bool", 1, 1)]
    [InlineData("char", 2, 2)]
    [InlineData("Half", 2, 2)]
    [InlineData("System.Text.Rune", 4, 4)]
    [InlineData("Index", 4, 4)]
    [InlineData("DateOnly", 4, 4)]
    [InlineData("double", 8, 8)]
    [InlineData("TimeSpan", 8, 8)]
    [InlineData("TimeOnly", 8, 8)]
    [InlineData("DateTime", 8, 8)]
    [InlineData("Range", 8, 4)]
    [InlineData("Vector2", 8, 4)]
    [InlineData("Vector3", 12, 4)]
    [InlineData("Vector4", 16, 4)]
    [InlineData("Quaternion", 16, 4)]
    [InlineData("Plane", 16, 4)]
    [InlineData("Matrix3x2", 24, 4)]
    [InlineData("Matrix4x4", 64, 4)]
    [InlineData("Guid", 16, 4)]
    [InlineData("decimal", 16, 8)]
    [InlineData("Complex", 16, 8)]
    [InlineData("DateTimeOffset", 16, 8)]
    [InlineData("Int128", 16, 16)]
    [InlineData("UInt128", 16, 16)]
    [InlineData("nint", 8, 8)]
    [InlineData("void*", 8, 8)]
    [InlineData("delegate*<int, void>", 8, 8)]
    [InlineData("GCHandle", 8, 8)]
    [InlineData("NFloat", 8, 8)]
    [InlineData("Vector64<int>", 8, 8)]
    [InlineData("Vector128<int>", 16, 16)]
    [InlineData("Vector256<int>", 32, 32)]
    [InlineData("Vector512<int>", 64, 64)]
    [InlineData("System.Drawing.Point", 8, 4)]
    [InlineData("System.Drawing.PointF", 8, 4)]
    [InlineData("System.Drawing.Size", 8, 4)]
    [InlineData("System.Drawing.SizeF", 8, 4)]
    [InlineData("System.Drawing.Rectangle", 16, 4)]
    [InlineData("System.Drawing.RectangleF", 16, 4)]
    [InlineData("Small", 1, 1)]
    [InlineData("Large", 8, 8)]
    [InlineData("Empty", 1, 1)]
    [InlineData("byte?", 2, 1)]
    [InlineData("long?", 16, 8)]
    [InlineData("Size25?", 40, 8)]
    [InlineData("Box<byte>", 2, 1)]
    [InlineData("Box<Box<long>>", 24, 8)]
    [InlineData("I128", 32, 16)]
    [InlineData("Size24", 24, 8)]
    [InlineData("Size25", 25, 8)]
    [InlineData("Five", 120, 8)]
    public void A_field_of_a_type(string type, int size, int alignment) => AssertLayout($"public {type} F; }}", Up(size, alignment), alignment);

    [Theory]
    [InlineData("", "public byte A; public Empty B; public byte C;", 3, 1)]
    [InlineData("", "public byte A; public long B; public byte C;", 24, 8)]
    [InlineData("Sequential, Pack = 1", "public byte A; public long B; public byte C;", 10, 1)]
    [InlineData("Sequential, Pack = 2", "public byte A; public long B; public byte C;", 12, 2)]
    [InlineData("Sequential, Pack = 4", "public byte A; public long B; public byte C;", 16, 4)]
    [InlineData("Sequential, Pack = 128", "public byte A; public long B; public byte C;", 24, 8)]
    [InlineData("Sequential, Size = 5", "public byte A; public long B; public byte C;", 17, 8)]
    [InlineData("Sequential, Size = 24", "public byte A; public long B; public byte C;", 24, 8)]
    [InlineData("Sequential, Size = 25", "public byte A; public long B; public byte C;", 25, 8)]
    [InlineData("Sequential, Size = 100", "public byte A; public long B; public byte C;", 100, 8)]
    [InlineData("Sequential, Pack = 4, Size = 17", "public byte A; public long B;", 17, 4)]
    [InlineData("Sequential, Pack = 8", "public byte A; public Int128 B;", 24, 8)]
    [InlineData("Explicit", "[FieldOffset(1)] public int A;", 8, 4)]
    [InlineData("Explicit", "[FieldOffset(3)] public byte A;", 4, 1)]
    [InlineData("Explicit", "[FieldOffset(1)] public long A;", 16, 8)]
    [InlineData("Explicit, Pack = 1", "[FieldOffset(0)] public long A; [FieldOffset(8)] public byte B;", 9, 1)]
    [InlineData("Explicit, Size = 2", "[FieldOffset(0)] public long A;", 8, 8)]
    [InlineData("", "public byte A; public fixed int B[3]; public byte C;", 20, 4)]
    [InlineData("", "public fixed bool A[3]; public fixed char B[3];", 10, 2)]
    [InlineData("", "public byte A; public Vector512<long> B; public byte C;", 192, 64)]
    [InlineData("", "public byte A; public DateTime B; public byte C;", 24, 8)]
    [InlineData("", "public byte A; public short _dummy;", 4, 2)]
    [InlineData("", "public byte A; public Size25 B; public int C;", 40, 8)]
    [InlineData("", "public byte A { get; set; } public long B { get; set; } public byte C;", 24, 8)]
    [InlineData("", "public byte A { get => field; set => field = value; } public short B;", 4, 2)]
    public void A_struct(string declared, string fields, int size, int alignment) => AssertLayout(fields + " }", size, alignment, declared);

    [Theory]
    [InlineData("public byte A; public Vector256<int> B; public byte C;", 96, 64, 96, 48)]
    [InlineData("public byte A; public Vector512<int> B; public byte C;", 192, 96, 192, 80)]
    [InlineData("public byte A; public nint B;", 16, 16, 8, 8)]
    [InlineData("public byte A; public Int128 B;", 32, 32, 24, 24)]
    [InlineData("public byte A; public long B;", 16, 16, 16, 16)]
    public void A_struct_on_each_target(string fields, int x64, int arm64, int x86, int arm32)
    {
        (CSharpCompilation compilation, INamedTypeSymbol type) = Compile(fields + " }", "");

        Assert.Equal(
            [x64, arm64, x86, arm32],
            s_targets.Select(target => new LayoutCalculator(compilation, target).LayoutOf(type).Size));
    }

    [Theory]
    [InlineData("public int A; public Vector<int> V;", nameof(LayoutObstacleKind.KnownAtRunTimeOnly), "field 'V' has type 'Vector<int>', which has a size that only the running process knows")]
    [InlineData("public CLong V;", nameof(LayoutObstacleKind.KnownAtRunTimeOnly), "field 'V' has type 'CLong', which has a size that only the running process knows")]
    [InlineData("public Box<Box<(int, long)>> V { get; set; }", nameof(LayoutObstacleKind.AutomaticLayout), "field 'V.B.B' has type '(int, long)', which has automatic layout: the runtime orders its fields")]
    [InlineData("public ValueTuple V;", nameof(LayoutObstacleKind.AutomaticLayout), "field 'V' has type 'ValueTuple', which has automatic layout: the runtime orders its fields")]
    [InlineData("public System.Collections.Generic.KeyValuePair<int, int> V;", nameof(LayoutObstacleKind.HiddenFields), "field 'V' has type 'KeyValuePair<int, int>', which hides its fields in the reference assembly")]
    [InlineData("public Generic<int>.Inner V; } public unsafe struct Generic<T> where T : unmanaged { public T A; public struct Inner { public T A; public Vector<byte> B; }", nameof(LayoutObstacleKind.KnownAtRunTimeOnly), "field 'V.B' has type 'Vector<byte>', which has a size that only the running process knows")]
    [InlineData("public fixed long V[100_000_000];", nameof(LayoutObstacleKind.TooLarge), "type 'S' is larger than the runtime allows")]
    public void An_unknown_layout_says_why(string fields, string kind, string reason)
    {
        (CSharpCompilation compilation, INamedTypeSymbol type) = Compile(fields + " }", "");

        TypeLayout layout = new LayoutCalculator(compilation, TargetLayout.X64).LayoutOf(type);

        Assert.Equal(kind, layout.Obstacle?.Kind.ToString());
        Assert.Equal(reason, layout.Obstacle?.Describe());
    }

    [Fact]
    public void A_project_reference_is_as_good_as_an_assembly()
    {
        CSharpCompilation library = Compilations.Create(
            ["using System.Runtime.InteropServices; [StructLayout(LayoutKind.Sequential, Pack = 2, Size = 14)] public struct P { private byte _a; private long _b; }"],
            name: "Library");
        Compilation consumer = Compilations.Create(["public struct S { public byte A; public P B; }"], references: [library.ToMetadataReference()]);

        TypeLayout layout = new LayoutCalculator(consumer, TargetLayout.X64).LayoutOf(consumer.GetTypeByMetadataName("S")!);

        Assert.Equal((16, 2), (layout.Size, layout.Alignment));
        Assert.Equal([("A", 0, 1, 1), ("B", 2, 14, 2)], layout.Fields.Select(static f => (f.Field.Name, f.Offset, f.Size, f.Alignment)));
    }

    [Theory]
    [InlineData("partial record struct S(byte A, long B); partial record struct S { public static int C; }", 16)]
    [InlineData("partial record struct S { public static int C; } partial record struct S(byte A, long B);", 16)]
    [InlineData("partial record struct S(byte A, long B); partial record struct S { public byte C; }", 0)]
    [InlineData("partial struct S(byte a) { public readonly int Get() => a; } partial struct S { public long B; }", 0)]
    [InlineData("partial struct S { public byte A { get; set; } } partial struct S { public long B { get; set; } }", 0)]
    [InlineData("partial struct S { public byte A; public long B; public byte C; } partial struct S { public long D => B; public event System.Action E { add { } remove { } } }", 24)]
    [InlineData("[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] partial struct S { [System.Runtime.InteropServices.FieldOffset(0)] public byte A; } partial struct S { [System.Runtime.InteropServices.FieldOffset(8)] public long B; }", 16)]
    public void Fields_in_several_parts_have_no_order_unless_it_is_explicit(string source, int size)
    {
        CSharpCompilation compilation = Compilations.Create([source]);

        TypeLayout layout = new LayoutCalculator(compilation, TargetLayout.X64).LayoutOf(compilation.GetTypeByMetadataName("S")!);

        Assert.Equal(size, layout.Size);
        Assert.Equal(size == 0 ? LayoutObstacleKind.FieldsInSeveralParts : null, layout.Obstacle?.Kind);
    }

    [Theory]
    [InlineData("public long A; public Guid B; public DateTime? C; public Vector128<float> D; public (int, byte) E; public Small F; public fixed byte G[3];", true)]
    [InlineData("public delegate*<int, void> A;", true)]
    [InlineData("public int* A;", false)]
    [InlineData("public nint A;", false)]
    [InlineData("public nuint? A;", false)]
    [InlineData("public Vector128<nint> A;", false)]
    [InlineData("public (int, nint) A;", false)]
    [InlineData("public Box<Box<nint>> A;", false)]
    [InlineData("public NativeHeap.NativePointer<int> A;", false)]
    [InlineData("public GCHandle A;", false)]
    [InlineData("public System.Collections.Generic.KeyValuePair<int, int> A;", false)]
    public void A_struct_is_noscan_if_no_field_can_hold_a_pointer(string fields, bool noScan)
        => Assert.Equal(noScan, PointerScan.IsNoScan(Compile(fields + " }", "").Type));

    private static void AssertLayout(string fields, int size, int alignment, string declared = "")
    {
        (CSharpCompilation compilation, INamedTypeSymbol type) = Compile(fields, declared);

        TypeLayout layout = new LayoutCalculator(compilation, TargetLayout.X64).LayoutOf(type);

        Assert.Null(layout.Obstacle?.Describe());
        Assert.Equal((size, alignment), (layout.Size, layout.Alignment));
        if (Measurement.RunningTarget == TargetLayout.X64)
        {
            using LoadedAssembly loaded = new(Compilations.Emit(compilation));
            Assert.Equal((size, alignment), Measurement.Of(loaded.Assembly.GetType("S", throwOnError: true)!));
        }
    }

    private static (CSharpCompilation Compilation, INamedTypeSymbol Type) Compile(string fields, string declared)
    {
        string attribute = declared.Length == 0 ? "" : $"[StructLayout(LayoutKind.{declared})] ";
        CSharpCompilation compilation = Compilations.Create(
            [$"{Preamble}{attribute}public unsafe struct S {{ {fields}"],
            parseOptions: Compilations.ParseOptions.WithLanguageVersion(LanguageVersion.Preview));
        return (compilation, compilation.GetTypeByMetadataName("S")!);
    }

    private static int Up(int size, int alignment) => (size + alignment - 1) / alignment * alignment;
}
