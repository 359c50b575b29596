// The stubs of a struct of another assembly: a class that extends it, internal so that two assemblies which extend the same struct do not clash, in namespace NativeHeap, which whoever writes the stubs
// of a struct uses already.
//
//     internal static class Matrix4x4Allocation
//     {
//         extension(Matrix4x4) { public static Matrix4x4* Alloc() ... }       Matrix4x4.Alloc(), and Matrix4x4Allocation.Alloc() as well, by which the language has always called it
//         private readonly struct Layout : INativeLayoutClaim { ... }         what the struct would state itself
//     }
//
// Before C# 14 the methods stand in the class directly, and are called by its name alone.

using System.Text;

using Microsoft.CodeAnalysis.Text;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Model;

namespace NativeHeap.Generators.Emit;

/// <summary>Writes the class that extends a struct by its stubs.</summary>
internal static class ExtensionWriter
{
    private const string Layout = "Layout";

    /// <summary>The source of a struct's stubs.</summary>
    public static SourceText Write(ForeignTypeModel model, ProjectOptions project)
    {
        SourceWriter writer = new();
        StubWriter stubs = new(writer, model, project, $"global::{ForeignTypes.Namespace}.{model.ClassName}.{Layout}", leftOut: Stubs.None);
        StubWriter.BeginFile(writer, ForeignTypes.Namespace);
        writer.Line($"/// <summary>The allocation stubs of {stubs.Display}, for which this assembly asks by an attribute.</summary>");
        using (writer.OpenBlock($"internal static class {model.ClassName}"))
        {
            if (project.HasExtensionMembers)
            {
                using SourceWriter.Block extension = writer.OpenBlock($"extension({model.FullName})");
                stubs.Write();
            }
            else
            {
                stubs.Write();
            }

            writer.Separate();
            using SourceWriter.Block layout = writer.OpenBlock($"private readonly struct {Layout} : {StubWriter.LayoutClaim}");
            stubs.WriteLayout();
        }

        return SourceText.From(writer.ToString(), Encoding.UTF8);
    }
}
