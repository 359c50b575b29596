// The generator of allocation stubs: from [NativeAllocated] to a partial struct with Alloc, Free, Rent and their kin, and from [assembly: NativeAllocated(typeof(Matrix4x4))] to a class
// that extends a struct of another assembly by the same.
//
//     attribute  ->  AllocatedTypeModel (strings and numbers, equal by value)  ->  StubWriter  ->  text
//
// The transform runs for each annotated struct whenever any file changes, which is how the size of a struct follows that of one
// nested in it from another file; an equal model stops there, and no text is written. No step's output refers to a compilation, a symbol
// or a syntax node. The generator reports nothing: where a struct cannot have stubs it emits none, and the analyzer, which asks the same
// AllocatedTypeValidation, says why.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Emit;
using NativeHeap.Generators.Model;

namespace NativeHeap.Generators;

/// <summary>Generates the allocation stubs of structs with <c>[NativeAllocated]</c>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class NativeAllocatedGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<OwnTypeModel> models = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                AllocatedTypeValidation.AttributeName,
                static (node, _) => node is StructDeclarationSyntax or RecordDeclarationSyntax,
                static (syntax, cancellationToken) => OwnTypeModel.Create(syntax, cancellationToken))
            .Where(static model => model is not null)!
            .WithTrackingName<OwnTypeModel>(TrackingNames.Models);

        IncrementalValuesProvider<ForeignTypeModel> foreign = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                AllocatedTypeValidation.AttributeName,
                static (node, _) => node is CompilationUnitSyntax,
                static (syntax, _) => ForeignTypeModel.CreateAll(syntax))
            .SelectMany(static (models, _) => models)
            .WithTrackingName(TrackingNames.ForeignModels);

        IncrementalValueProvider<ProjectOptions> project = context.CompilationProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (project, _) => ProjectOptions.Of(project.Left, project.Right))
            .WithTrackingName(TrackingNames.Project);

        context.RegisterSourceOutput(
            models.Combine(project).WithTrackingName(TrackingNames.Stubs),
            static (output, stubs) => output.AddSource(stubs.Left.HintName, StructWriter.Write(stubs.Left, stubs.Right)));
        context.RegisterSourceOutput(
            foreign.Combine(project).WithTrackingName(TrackingNames.ForeignStubs),
            static (output, stubs) => output.AddSource(stubs.Left.HintName, ExtensionWriter.Write(stubs.Left, stubs.Right)));
    }
}
