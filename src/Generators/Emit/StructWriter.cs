// The stubs of a struct of this project: a part of it, with the struct's own claim of its layout and the declaration of its hook.

using System.Text;

using Microsoft.CodeAnalysis.Text;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Model;

namespace NativeHeap.Generators.Emit;

/// <summary>Writes the part of a partial struct that holds its stubs.</summary>
internal sealed class StructWriter
{
    private const string FreeingHook = "global::NativeHeap.CompilerServices.IFreeingHook";

    private readonly SourceWriter _writer = new();
    private readonly OwnTypeModel _model;
    private readonly StubWriter _stubs;

    private StructWriter(OwnTypeModel model, ProjectOptions project)
    {
        _model = model;
        _stubs = new StubWriter(_writer, model, project, model.FullName, model.DeclaredByUser);
    }

    /// <summary>The source of a struct's stubs.</summary>
    public static SourceText Write(OwnTypeModel model, ProjectOptions project)
    {
        StructWriter part = new(model, project);
        StubWriter.BeginFile(part._writer, model.Hierarchy.Namespace);
        part.WriteType(0);
        return SourceText.From(part._writer.ToString(), Encoding.UTF8);
    }

    private void WriteType(int depth)
    {
        TypePart part = _model.Hierarchy.Parts[depth];
        bool isStruct = depth == _model.Hierarchy.Parts.Count - 1;
        string stubs = _model.IsIsolated ? $" : {StubWriter.LayoutClaim}" : $" : global::NativeHeap.INativeAllocated<{_model.FullName}>";
        string implements = !isStruct ? "" : _model.Hook is null ? stubs : $"{stubs}, {FreeingHook}";
        using SourceWriter.Block block = _writer.OpenBlock($"partial {part.Keyword} {part.Declaration}{implements}");
        if (!isStruct)
        {
            WriteType(depth + 1);
            return;
        }

        if (!_model.DeclaredByUser.HasFlag(Stubs.NativeLayout))
        {
            _stubs.WriteLayout();
        }

        WriteHook();
        _stubs.Write();
    }

    // The declaration is there before the user's part of it, for the editor to offer; without that part the compiler drops it.
    private void WriteHook()
    {
        if (_model.DeclaredByUser.HasFlag(Stubs.OnFreeing))
        {
            return;
        }

        (string modifiers, string parameter) = _model.Hook ?? new FreeingHookPart("static", "value");
        _writer.Separate();
        _writer.Line($"/// <summary>Implement this to free what a {_stubs.Display} owns: called before one is freed, by <c>Free</c>, an owner, a table or a pool; not when its heap ends.</summary>");
        _writer.Line($"/// <param name=\"{parameter.TrimStart('@')}\">The object that is about to be freed.</param>");
        _writer.Line($"{modifiers} partial void OnFreeing(ref {_model.FullName} {parameter});");
        if (_model.Hook is not null)
        {
            _writer.Separate();
            _stubs.WriteAttributes();
            _writer.Line($"void {FreeingHook}.OnFreeing(ref byte value) => OnFreeing(ref global::System.Runtime.CompilerServices.Unsafe.As<byte, {_model.FullName}>(ref value));");
        }
    }
}
