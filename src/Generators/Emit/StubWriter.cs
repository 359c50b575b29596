// Writes the stubs of one struct: values to text, nothing else. They are the same wherever they stand: StructWriter puts them into the struct, ExtensionWriter into a class beside one that is not ours.
//
// The text must compile in any project, whatever its usings, language version (C# 11 up), nullability and warnings: every name is qualified
// from the root on, members that name pointer types are `unsafe` themselves (the struct may be declared in a safe context),
// each public member is documented. Compiler warnings are off in the file since what it says of a type, obsolete ones among them,
// its author has already been warned of.
//
// Each stub is written twice: for the shared heap, and for a heap that is its first parameter. Those of an isolated type are written once, for the type's own heap.
//
// Where sites are tracked each has an overload besides, which says where it is called from around a call of the plain one's. The language prefers it where it is there; the plain one always is, so that what was compiled
// against a build without them runs with one that has them. (Not the other way round: what is called from another assembly by its line must be there.) Priorities, from the one that is taken first:
//
//                             tracked     plain
//     one own parameter             3         0
//     a heap alone                  2        -1     Alloc(default) and Rent(new()) mean a value; the language would take them for a heap, a parameter by value being the better one
//     no parameter                  1         0     Alloc(null) means a heap, and no path

using System.Collections.Generic;
using System.Linq;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Model;
using NativeHeap.SizeClasses;

namespace NativeHeap.Generators.Emit;

/// <summary>Writes the source of a struct's stubs.</summary>
internal sealed class StubWriter
{
    /// <summary>The interface of what states a layout.</summary>
    public const string LayoutClaim = "global::NativeHeap.CompilerServices.INativeLayoutClaim";

    private const string CompilerServices = "global::System.Runtime.CompilerServices";
    private const string Inlined = $"[{CompilerServices}.MethodImpl({CompilerServices}.MethodImplOptions.AggressiveInlining)]";
    private const string Owned = "global::NativeHeap.Owned";
    private const string OwnedByHeap = Owned + ", global::NativeHeap.OwnedBy(\"heap\")";
    private const string NativeStubs = "global::NativeHeap.CompilerServices.NativeStubs";
    private const string IsolatedStubs = "global::NativeHeap.CompilerServices.IsolatedStubs";
    private const string AnyThread = "Any thread may call this.";
    private const string CallSite = "global::NativeHeap.CompilerServices.CallSite";
    private const string ValueParameter = """<param name="value">What to copy.</param>""";

    private static readonly string s_version = typeof(StubWriter).Assembly.GetName().Version.ToString(3);

    private static readonly string[] s_generated =
    [
        $"[global::System.CodeDom.Compiler.GeneratedCode(\"NativeHeap.Generators\", \"{s_version}\")]",
        "[global::System.Diagnostics.CodeAnalysis.ExcludeFromCodeCoverage]",
    ];

    private static readonly string[] s_siteParameters =
    [
        $"[{CompilerServices}.CallerFilePath] string file = \"\"",
        $"[{CompilerServices}.CallerLineNumber] int line = 0",
    ];

    private static readonly string[] s_siteDocumentation =
    [
        """<param name="file">The source file of the call, by the compiler.</param>""",
        """<param name="line">The line of the call, by the compiler.</param>""",
    ];

    private readonly SourceWriter _writer;
    private readonly AllocatedTypeModel _model;
    private readonly ProjectOptions _project;
    private readonly Stubs _leftOut;
    private readonly string _self;
    private readonly string _arguments;
    private readonly string _runtime;

    /// <summary>A writer of the stubs of a struct.</summary>
    /// <param name="writer">Where they are written to.</param>
    /// <param name="model">The struct.</param>
    /// <param name="project">What else the text depends on.</param>
    /// <param name="layout">The type that states the struct's layout, by the property that <see cref="WriteLayout"/> writes.</param>
    /// <param name="leftOut">The stubs that are not to be written.</param>
    public StubWriter(SourceWriter writer, AllocatedTypeModel model, ProjectOptions project, string layout, Stubs leftOut)
    {
        _writer = writer;
        _model = model;
        _project = project;
        _leftOut = leftOut;
        _self = model.FullName;
        _arguments = $"<{_self}, {layout}>";
        _runtime = model.IsIsolated ? IsolatedStubs : NativeStubs;
        Display = $"<c>{model.DisplayName.Replace("<", "&lt;").Replace(">", "&gt;")}</c>";
    }

    /// <summary>The struct's name in documentation.</summary>
    public string Display { get; }

    /// <summary>Begins a file that compiles whatever the project's settings, with all that follows in a namespace.</summary>
    public static void BeginFile(SourceWriter writer, string inNamespace)
    {
        writer.Line("// <auto-generated/>");
        writer.Line("#pragma warning disable");
        writer.Line("#nullable enable");
        writer.Line();
        if (inNamespace.Length != 0)
        {
            writer.Line($"namespace {inNamespace};");
            writer.Line();
        }
    }

    /// <summary>What stands before every member: that it is generated.</summary>
    public void WriteAttributes() => WriteLines(s_generated);

    /// <summary>The stubs that there are to be; those with pointers in their signatures only where they compile.</summary>
    public void Write()
    {
        WriteStubs(ofHeap: false);
        if (!_model.IsIsolated)
        {
            WriteStubs(ofHeap: true);
        }
    }

    /// <summary>The property by which a type states the struct's layout.</summary>
    public void WriteLayout()
    {
        WriteAttributes();
        using SourceWriter.Block property = _writer.OpenBlock($"static ulong {LayoutClaim}.NativeLayout");
        _writer.Line(Inlined);
        _writer.Line($"get => {LayoutExpression()};");
    }

    private string LayoutExpression()
    {
        LayoutClaims layout = _model.Layout;
        return layout.On64Bit == layout.On32Bit
            ? Claim(layout.On64Bit)
            : $"global::System.IntPtr.Size == 8 ? {Claim(layout.On64Bit)} : {Claim(layout.On32Bit)}";

        string Claim(LayoutClaim? claim) => claim is var (spanClass, slotSize, size, alignment)
            ? $"0x{LayoutWord.Known(size, spanClass, alignment):x16}UL /* span class {spanClass}, slots of {slotSize}; size {size}, alignment {alignment} */"
            : $"0x{LayoutWord.Unknown(layout.NoScan, layout.RequestedAlignment):x16}UL /* {(layout.NoScan ? "noscan" : "scan")}; the size is for the process to find */";
    }

    private void WriteStubs(bool ofHeap)
    {
        string from = ofHeap ? ", from a heap" : "";
        if (_project.AllowsUnsafe)
        {
            WritePointerStubs(ofHeap, from);
        }

        Stub owner = new()
        {
            OfHeap = ofHeap,
            Returns = $"global::NativeHeap.NativeOwner<{_self}>",
            ReturnDocumentation = "The owner, which frees the object when disposed.",
        };
        WriteStub(owner with
        {
            Kind = Stubs.Rent,
            Name = "Rent",
            Summary = $"Allocates one zeroed {Display}{Figures()}{from}, for a <c>using</c> declaration. {AnyThread}",
        });
        WriteStub(owner with
        {
            Kind = Stubs.RentCopy,
            Name = "Rent",
            Summary = $"Allocates one {Display}{Figures()}{from}, as a copy of a value, for a <c>using</c> declaration. {AnyThread}",
            Parameter = $"[global::NativeHeap.Borrowed] scoped in {_self} value",
            ParameterDocumentation = ValueParameter,
            Argument = "in value",
        });
    }

    private void WritePointerStubs(bool ofHeap, string from)
    {
        string pointer = $"{_self}*";
        string batch = $"<global::NativeHeap.NativePointer<{_self}>>";
        string orLeaves = ofHeap ? ", or leaves to the heap's end" : "";
        Stub alloc = new() { OfHeap = ofHeap, Returns = $"unsafe {pointer}", ReturnDocumentation = $"The object, which the caller frees with <c>Free</c>{orLeaves}." };
        Stub free = new() { OfHeap = ofHeap, Returns = "unsafe void" };
        WriteStub(alloc with
        {
            Kind = Stubs.Alloc,
            Name = "Alloc",
            Summary = $"Allocates one uninitialised {Display}{Figures()}{from}. {AnyThread}",
        });
        WriteStub(alloc with
        {
            Kind = Stubs.AllocCopy,
            Name = "Alloc",
            Summary = $"Allocates one {Display}{Figures()}{from}, as a copy of a value. {AnyThread}",
            Parameter = $"[global::NativeHeap.Borrowed] in {_self} value",
            ParameterDocumentation = ValueParameter,
            Argument = "in value",
        });
        WriteStub(alloc with
        {
            Kind = Stubs.AllocZeroed,
            Name = "AllocZeroed",
            Summary = $"Allocates one {Display}{Figures()}{from}, of zeroed memory. {AnyThread}",
        });
        WriteStub(free with
        {
            Kind = Stubs.Free,
            Name = "Free",
            Summary = $"Frees one {Display} of {(ofHeap ? "a heap" : _model.IsIsolated ? "the memory that is the type's own" : "the shared heap")}; null is ignored. Any thread may call this, once for each object.",
            Parameter = $"[global::NativeHeap.TakesOwnership] {pointer} pointer",
            ParameterDocumentation = """<param name="pointer">The object, which must not be used afterwards.</param>""",
            Argument = "pointer",
        });
        WriteStub(free with
        {
            Kind = Stubs.AllocBatch,
            Name = "AllocBatch",
            Summary = $"Fills a span with uninitialised objects{from}, moving many pointers at once. {AnyThread}",
            Parameter = $"[{(ofHeap ? OwnedByHeap : Owned)}] global::System.Span{batch} destination",
            ParameterDocumentation = $"""<param name="destination">Receives the objects, which the caller frees{orLeaves}.</param>""",
            Argument = "destination",
        });
        WriteStub(free with
        {
            Kind = Stubs.FreeBatch,
            Name = "FreeBatch",
            Summary = $"Frees all objects of a span{(ofHeap ? ", of one heap" : "")}, moving many pointers at once; nulls among them are ignored. {AnyThread}",
            Parameter = $"[global::NativeHeap.TakesOwnership] global::System.ReadOnlySpan{batch} pointers",
            ParameterDocumentation = """<param name="pointers">The objects, each of which must not be used afterwards and stands here once.</param>""",
            Argument = "pointers",
        });
    }

    private void WriteStub(Stub stub)
    {
        if (_leftOut.HasFlag(stub.OfHeap ? StubSet.OfHeap(stub.Kind) : stub.Kind))
        {
            return;
        }

        string[] parameters = [.. Given(stub.OfHeap ? "global::NativeHeap.Heap heap" : null, stub.Parameter)];
        string call = $"{_runtime}.{stub.Name}{_arguments}({string.Join(", ", Given(stub.OfHeap ? "heap" : null, stub.Argument))})";
        WriteHead(stub, stub is { OfHeap: true, Parameter: null } ? -1 : 0);
        _writer.Line(Inlined);
        _writer.Line($"public static {stub.Returns} {stub.Name}({string.Join(", ", parameters)}) => {call};");
        if (_project.TracksSites && !_leftOut.HasFlag(Stubs.Tracked))
        {
            WriteHead(stub, stub.Parameter is not null ? 3 : stub.OfHeap ? 2 : 1, s_siteDocumentation);
            using SourceWriter.Block method = _writer.OpenBlock($"public static {stub.Returns} {stub.Name}({string.Join(", ", parameters.Concat(s_siteParameters))})");
            using SourceWriter.Block site = _writer.OpenBlock($"using (new {CallSite}(file, line))");
            _writer.Line($"{(stub.ReturnDocumentation is null ? "" : "return ")}{call};");
        }

        static IEnumerable<string> Given(params string?[] items) => items.OfType<string>();
    }

    // What stands before a method.
    private void WriteHead(Stub stub, int priority, params string[] furtherParameters)
    {
        _writer.Separate();
        _writer.Line($"/// <summary>{stub.Summary}</summary>");
        WriteLines(stub.Documentation(furtherParameters).Select(static line => "/// " + line));
        if (stub.ReturnDocumentation is not null)
        {
            _writer.Line($"[return: {(stub.OfHeap ? OwnedByHeap : Owned)}]");
        }

        WriteLines(s_generated);
        if (priority != 0 && _project.HasOverloadPriorities)
        {
            _writer.Line($"[{CompilerServices}.OverloadResolutionPriority({priority})]");
        }
    }

    // What an object costs, where that is one answer.
    private string Figures()
    {
        if (_model.Layout.On64Bit is not { } claim)
        {
            return "";
        }

        string where = _model.Layout.On64Bit == _model.Layout.On32Bit ? "" : " on 64-bit systems,";
        return $" of {claim.Size} bytes{where} in {(claim.SlotSize == 0 ? "pages of its own" : $"a slot of {claim.SlotSize}")}";
    }

    private void WriteLines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            _writer.Line(line);
        }
    }

    // One stub, in one of its two forms; beside the heap, it has at most one parameter.
    private sealed record Stub
    {
        public Stubs Kind { get; init; }

        public bool OfHeap { get; init; }

        public string Name { get; init; } = "";

        public string Summary { get; init; } = "";

        public string Returns { get; init; } = "";

        /// <summary>What is returned; null if nothing is.</summary>
        public string? ReturnDocumentation { get; init; }

        public string? Parameter { get; init; }

        public string? ParameterDocumentation { get; init; }

        public string? Argument { get; init; }

        public IEnumerable<string> Documentation(string[] furtherParameters)
        {
            if (OfHeap)
            {
                yield return """<param name="heap">The heap.</param>""";
            }

            if (ParameterDocumentation is not null)
            {
                yield return ParameterDocumentation;
            }

            foreach (string parameter in furtherParameters)
            {
                yield return parameter;
            }

            if (ReturnDocumentation is not null)
            {
                yield return $"<returns>{ReturnDocumentation}</returns>";
            }

            if (Kind is not (Stubs.Free or Stubs.FreeBatch))
            {
                yield return """<exception cref="global::System.OutOfMemoryException">There is no memory for it.</exception>""";
            }

            if (OfHeap)
            {
                yield return """<exception cref="global::System.ObjectDisposedException">The heap has been disposed of.</exception>""";
            }
        }
    }
}
